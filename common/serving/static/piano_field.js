/** The field of a piece: an editor of its notes. */

import { element } from "./dom.js";
import { KEYS, LOWEST, heldNotes, pitchesOf, placeName } from "./notes.js";
import { pianoEditor } from "./piano_editor.js";
import { playButton } from "./sound.js";

// C, F, G and C major.
const CHORDS = [[48, 55, 64, 72], [53, 57, 65, 72], [43, 55, 62, 71], [48, 55, 64, 72]];
const CHORD_BEATS = 2;
const HINTS = [
  "Click to add or remove a note, and drag it to lengthen it. Without notes, a " +
    "new piece is composed.",
  "Keyboard: arrows move, by a beat with Ctrl; Page Up and Page Down by an " +
    "octave. Space adds or removes a note, Shift + arrows lengthen it.",
];

/** Returns a field whose value is a roll, or voices; see `PianoRoll`. */
export function pianoField(description) {
  const { name, label, tempo, frames_per_beat: framesPerBeat } = description;
  const id = `input-${name}`;
  const editor = pianoEditor(description);
  const { board, follow } = editor.grid;
  board.setAttribute("aria-labelledby", `${id}-label`);
  board.setAttribute("aria-describedby", `${id}-hint`);

  function sound() {
    const frames = editor.frames();
    const frameSeconds = 60 / tempo / framesPerBeat;
    return { notes: heldNotes(frames), frames: frames.length, frameSeconds };
  }
  const button = (text, onclick) =>
    element("button", { type: "button", onclick }, text);
  return {
    node: element(
      "div",
      { class: "piano" },
      element("div", { class: "label", id: `${id}-label` }, label),
      element(
        "div",
        { id: `${id}-hint` },
        HINTS.map((text) => element("p", { class: "hint" }, text)),
      ),
      editor.node,
      element(
        "div",
        { class: "actions" },
        playButton(sound, follow),
        button("Four chords", () => editor.show(chords(description))),
        button("Clear", () => editor.show([])),
      ),
      editor.status,
    ),
    read: () => valuesOf(editor.frames(), description),
    fill(example) {
      const frames = example[name];
      const end = frames.findIndex((frame) => frame.some((value) => value < 0));
      editor.show(frames.slice(0, end < 0 ? undefined : end).map(pitchesOf));
    },
  };
}

/** Returns frames of chords, of the keys that the editor has. */
function chords({ lowest, highest, frames_per_beat: framesPerBeat }) {
  return CHORDS.flatMap((chord) => {
    const pitches = chord.filter((pitch) => pitch >= lowest && pitch <= highest);
    return Array(CHORD_BEATS * framesPerBeat).fill(pitches);
  });
}

/** Returns the inputs for frames of pitches. */
function valuesOf(frames, { name, label, voices, melody, frames_per_beat: beat }) {
  const width = voices || KEYS;
  const crowded = voices ? frames.findIndex((p) => p.length > voices) : -1;
  if (crowded >= 0) {
    throw new Error(
      `${label}: ${frames[crowded].length} notes at ${placeName(crowded, beat)}; ` +
        `at most ${voices} may sound together.`,
    );
  }
  const vector = (pitches) =>
    Array.from({ length: width }, (_, i) =>
      voices ? (pitches[i] ?? 0) : Number(pitches.includes(i + LOWEST)),
    );
  const isEmpty = !frames.length;
  const values = { [name]: isEmpty ? [Array(width).fill(-1)] : frames.map(vector) };
  if (melody) values[melody] = isEmpty ? [-1] : frames.map(([top]) => top ?? 0);
  return values;
}
