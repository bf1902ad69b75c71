/** An editor of notes: a board that listens to the pointer and the keyboard. */

import { Composition } from "./composition.js";
import { element } from "./dom.js";
import { BEATS_PER_BAR, heldNotes, noteName, placeName } from "./notes.js";
import { pianoGrid } from "./piano_grid.js";
import { listenToKeys } from "./piano_keys.js";
import { listenToPointer } from "./piano_pointer.js";

const LEAST_BARS = 2;

/**
 * Returns an editor: its `node`; the `grid`; a `status` line for its cursor;
 * `frames()`, the pitches up to the end of the beat of the last note; `show`
 * replaces all notes.
 */
export function pianoEditor({ lowest, highest, frames_per_beat: framesPerBeat }) {
  const composition = new Composition();
  const grid = pianoGrid({ lowest, highest, framesPerBeat });
  const status = element("p", { class: "hint", role: "status" });
  const cursor = { frame: 0, pitch: Math.floor((lowest + highest) / 2) };
  const barFrames = BEATS_PER_BAR * framesPerBeat;
  const node = element("div", { class: "scrolling editor" }, grid.node);
  grid.board.tabIndex = 0;
  grid.board.setAttribute("role", "application");
  grid.board.setAttribute("aria-roledescription", "piano roll");

  let count = LEAST_BARS * barFrames; // Frames of the board.

  function redraw() {
    grid.draw(count, heldNotes(composition.frames(count)), cursor);
  }

  /** Leaves a free bar behind the notes; not while one is dragged. */
  function fit() {
    const bars = Math.ceil(composition.end / barFrames) + 1;
    count = Math.max(LEAST_BARS, bars) * barFrames;
    cursor.frame = Math.min(cursor.frame, count - 1);
    redraw();
  }

  /** Draws a change, and says what is at the cursor. */
  function change() {
    fit();
    const { frame, pitch } = cursor;
    const note = composition.noteAt(frame, pitch);
    const place = `${noteName(pitch)}, ${placeName(frame, framesPerBeat)}`;
    const beats = note && (note.end - note.start) / framesPerBeat;
    status.textContent = note
      ? `${place}: a note of ${beats} ${beats === 1 ? "beat" : "beats"}`
      : `${place}: no note`;
  }

  function frames() {
    const beats = Math.ceil(composition.end / framesPerBeat);
    return composition.frames(beats * framesPerBeat);
  }

  function show(pitches) {
    composition.fill(pitches);
    fit();
    status.textContent = "";
    node.scrollLeft = 0;
  }

  const size = () => count;
  const edited = { composition, grid, cursor, size, redraw, change };
  listenToPointer(edited, framesPerBeat);
  listenToKeys(edited, { lowest, highest, framesPerBeat });
  redraw();
  return { node, grid, status, frames, show };
}
