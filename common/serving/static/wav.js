/** Recordings as WAV files; those in other formats are converted. */

// Samples a second of converted files: speech needs no more, and minutes of it
// fit in a request.
const RATE = 16000;
const HEADER = 44; // Bytes before the samples.
const MAGICS = ["RIFF", "RIFX", "RF64", "BW64"];
// Integers, floating-point numbers, and WAVE_FORMAT_EXTENSIBLE.
const ENCODINGS = [1, 3, 0xfffe];

/** Returns whether a file is a WAV file that models read as it is. */
export function isWav(buffer) {
  const bytes = new Uint8Array(buffer, 0, Math.min(HEADER, buffer.byteLength));
  const name = (at) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (!MAGICS.includes(name(0)) || name(8) !== "WAVE") return false;
  const isKnown = name(0) === "RIFF" && name(12) === "fmt ";
  return !isKnown || ENCODINGS.includes(bytes[20] + 256 * bytes[21]);
}

/**
 * Returns the sound of a file as the content of a WAV file of 16 bits and one
 * channel, and its seconds.
 */
export async function toWav(buffer) {
  let sound;
  try {
    sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(buffer);
  } catch {
    throw new Error(
      "The browser cannot read this as sound; choose a WAV, MP3, Ogg, M4A, WebM or FLAC file.",
    );
  }
  return { wav: wavOf(mixed(sound), RATE), seconds: sound.duration };
}

/** Returns the mean of channels; a silent one does not halve the signal. */
function mixed(sound) {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, channel) =>
    sound.getChannelData(channel),
  ).filter((samples) => samples.some((sample) => sample !== 0));
  const mean = new Float32Array(sound.length);
  for (const samples of channels) {
    for (let i = 0; i < mean.length; i++) mean[i] += samples[i] / channels.length;
  }
  return mean;
}

function wavOf(samples, rate) {
  const size = 2 * samples.length;
  const view = new DataView(new ArrayBuffer(HEADER + size));
  const write = (at, name) =>
    [...name].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  write(0, "RIFF");
  view.setUint32(4, HEADER - 8 + size, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // Bytes of this part.
  view.setUint16(20, 1, true); // Integers.
  view.setUint16(22, 1, true); // Channels.
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true); // Bytes of a sample.
  view.setUint16(34, 16, true); // Bits of it.
  write(36, "data");
  view.setUint32(40, size, true);
  samples.forEach((sample, i) => {
    // The integers from which Chromium made these samples.
    const code = Math.round(sample * (sample < 0 ? 0x8000 : 0x7fff));
    view.setInt16(HEADER + 2 * i, Math.max(-0x8000, Math.min(0x7fff, code)), true);
  });
  return view.buffer;
}
