/** Notes of music: their names, and frames as inputs and outputs have them. */

export const LOWEST = 21; // MIDI pitch of the first key of a piano, A0.
export const KEYS = 88;
export const BEATS_PER_BAR = 4;

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** Returns the name of a MIDI pitch; C4 is the middle C, 60. */
export function noteName(pitch) {
  return `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

export function isBlackKey(pitch) {
  return NAMES[pitch % 12].length > 1;
}

/** Returns the place of a frame as musicians count. */
export function placeName(frame, framesPerBeat) {
  const beat = Math.floor(frame / framesPerBeat);
  const rest = (frame % framesPerBeat) / framesPerBeat;
  const bar = Math.floor(beat / BEATS_PER_BAR);
  return `bar ${bar + 1} beat ${shortNumber((beat % BEATS_PER_BAR) + 1 + rest)}`;
}

/** Returns a number with at most two decimals. */
export function shortNumber(value) {
  return String(Math.round(100 * value) / 100);
}

/**
 * Returns the pitches of a frame, the highest first. It is a list of keys, a
 * list of the pitches of voices, or the pitch of a melody.
 */
export function pitchesOf(frame) {
  if (!Array.isArray(frame)) return frame > 0 ? [frame] : [];
  const pitches =
    frame.length === KEYS
      ? frame.flatMap((isHeld, key) => (isHeld > 0 ? [key + LOWEST] : []))
      : frame.filter((pitch) => pitch > 0);
  return [...new Set(pitches)].sort((a, b) => b - a);
}

/**
 * Returns the notes that frames of pitches hold: pitch, first frame, frame
 * after the last one, and the mark, in which a note does not change.
 */
export function heldNotes(frames, mark = () => "") {
  const notes = [];
  let held = new Map();
  frames.forEach((pitches, frame) => {
    const next = new Map();
    for (const pitch of pitches) {
      const marked = mark(frame, pitch);
      let note = held.get(pitch);
      if (note?.mark !== marked) {
        note = { pitch, start: frame, mark: marked };
        notes.push(note);
      }
      note.end = frame + 1;
      next.set(pitch, note);
    }
    held = next;
  });
  return notes;
}
