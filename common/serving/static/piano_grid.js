/** Notes over time, each in the row of its key. */

import { element, svg } from "./dom.js";
import { BEATS_PER_BAR, isBlackKey, noteName } from "./notes.js";

/**
 * Returns a drawing of notes: `node`; the `board` without the names of keys;
 * `draw`, `placeOf` and `follow`.
 */
export function pianoGrid({ lowest, highest, framesPerBeat, label }) {
  const rows = highest - lowest + 1;
  const picture = svg("svg", { preserveAspectRatio: "none", "aria-hidden": true });
  const bars = element("div", { class: "bar-numbers", "aria-hidden": true });
  const head = element("div", { class: "playhead", hidden: true });
  const board = element("div", { class: "board" }, picture, bars, head);
  if (label) {
    board.setAttribute("role", "img");
    board.setAttribute("aria-label", label);
  }
  let count = 1;

  function rectangle(kind, start, end, pitch) {
    return svg("rect", {
      class: kind,
      x: start,
      y: highest - pitch,
      width: end - start,
      height: 1,
    });
  }

  /** Draws notes, see `heldNotes`: the mark of each is its class. */
  function draw(frames, notes, cursor = null) {
    count = Math.max(1, frames);
    const beats = Math.ceil(count / framesPerBeat);
    const pitches = Array.from({ length: rows }, (_, i) => lowest + i);
    board.style.setProperty("--frames", count);
    picture.setAttribute("viewBox", `0 0 ${count} ${rows}`);
    picture.replaceChildren(
      ...pitches
        .filter(isBlackKey)
        .map((pitch) => rectangle("black-key", 0, count, pitch)),
      ...Array.from({ length: beats }, (_, beat) =>
        svg("line", {
          class: beat % BEATS_PER_BAR ? "beat" : "bar",
          x1: beat * framesPerBeat,
          x2: beat * framesPerBeat,
          y2: rows,
        }),
      ),
      ...notes.map(({ mark, start, end, pitch }) =>
        rectangle(`note ${mark}`, start, end, pitch),
      ),
      ...(cursor
        ? [rectangle("cursor", cursor.frame, cursor.frame + 1, cursor.pitch)]
        : []),
    );
    const barCount = Math.ceil(beats / BEATS_PER_BAR);
    bars.replaceChildren(
      ...Array.from({ length: barCount }, (_, bar) =>
        element(
          "span",
          { style: { "--at": (bar * BEATS_PER_BAR * framesPerBeat) / count } },
          bar + 1,
        ),
      ),
    );
  }

  /** Returns the frame and pitch below the pointer. */
  function placeOf({ clientX, clientY }) {
    const { left, top, width, height } = picture.getBoundingClientRect();
    const frame = Math.floor(((clientX - left) / width) * count);
    const row = Math.floor(((clientY - top) / height) * rows);
    return {
      frame: Math.max(0, Math.min(count - 1, frame)),
      pitch: Math.max(lowest, Math.min(highest, highest - row)),
    };
  }

  /** Marks the frame that is played; null: none is. */
  function follow(frame) {
    head.hidden = frame === null;
    if (frame !== null) head.style.setProperty("--at", Math.min(1, frame / count));
  }

  const node = element(
    "div",
    { class: "roll", style: { "--rows": rows } },
    keyNames(lowest, highest),
    board,
  );
  return { node, board, draw, placeOf, follow };
}

/** Returns a column with the names of each C. */
function keyNames(lowest, highest) {
  const names = [];
  for (let pitch = highest; pitch >= lowest; pitch--) {
    const name = pitch % 12 ? "" : noteName(pitch);
    names.push(element("span", { class: isBlackKey(pitch) && "black" }, name));
  }
  return element("div", { class: "key-names", "aria-hidden": true }, names);
}
