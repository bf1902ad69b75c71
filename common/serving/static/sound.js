/** Plays notes, by a simple synthesis. */

import { element } from "./dom.js";

const LEAD = 0.1; // Seconds before the first note.
const ATTACK = 0.01; // Seconds; without, notes start with a click.
const RELEASE = 0.15; // Seconds that a note fades after its end.
const FADE = 0.9; // Seconds in which a held note fades to 1/e.
const LOUDNESS = 0.16;
const HARMONICS = [0, 1, 0.42, 0.24, 0.12, 0.07, 0.04];

// Stops what is being played: one thing at a time.
let stopPlaying = () => {};

/**
 * Returns a button that plays and stops. `read()` returns notes, see
 * `heldNotes`, their number of frames and the seconds of a frame; `follow` is
 * called with the frame that is heard, and with null at the end.
 */
export function playButton(read, follow) {
  const button = element(
    "button",
    { type: "button", onclick: () => (context ? stop() : play()) },
    "Play",
  );
  let context = null;

  function stop() {
    context?.close();
    context = null;
    button.textContent = "Play";
    follow(null);
  }

  function play() {
    stopPlaying();
    stopPlaying = stop;
    const { notes, frames, frameSeconds } = read();
    const current = new AudioContext();
    context = current;
    const start = current.currentTime + LEAD;
    schedule(current, notes, start, frameSeconds);
    button.textContent = "Stop";
    function advance() {
      if (context !== current) return;
      const frame = (current.currentTime - start) / frameSeconds;
      // Music that has left the page ends.
      if (frame >= frames || !button.isConnected) return stop();
      follow(Math.max(0, frame));
      requestAnimationFrame(advance);
    }
    advance();
  }
  return button;
}

function schedule(context, notes, start, frameSeconds) {
  const output = context.createDynamicsCompressor();
  output.connect(context.destination);
  const silent = new Float32Array(HARMONICS.length);
  const wave = context.createPeriodicWave(silent, new Float32Array(HARMONICS));
  for (const note of notes) {
    const begin = start + note.start * frameSeconds;
    const end = start + note.end * frameSeconds;
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(LOUDNESS, begin + ATTACK);
    gain.gain.setTargetAtTime(0, begin + ATTACK, FADE);
    gain.gain.setTargetAtTime(0, end, RELEASE / 4);
    const oscillator = context.createOscillator();
    oscillator.setPeriodicWave(wave);
    oscillator.frequency.value = 440 * 2 ** ((note.pitch - 69) / 12);
    oscillator.connect(gain).connect(output);
    oscillator.start(begin);
    oscillator.stop(end + RELEASE);
  }
}
