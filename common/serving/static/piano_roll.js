/** Pieces of music: their notes, and how surprising they are. */

import { element, scrolling, svg } from "./dom.js";
import { heldNotes, noteName, pitchesOf, placeName, shortNumber } from "./notes.js";
import { pianoGrid } from "./piano_grid.js";
import { playButton } from "./sound.js";

const MARGIN = 2; // Keys above and below the notes.
const LEAST_KEYS = 24;
const LISTED = 5; // Least expected frames.

/** Draws the view "piano_roll". */
export function drawPianoRoll(view, values, outputs, inputs) {
  const frames = values[view.roll].slice(0, values[view.frames]).map(pitchesOf);
  const given = inputs[view.given]
    .slice(0, view.given_frames || undefined)
    .map(pitchesOf);
  const beats = shortNumber(frames.length / view.frames_per_beat);
  const frameSeconds = 60 / view.tempo / view.frames_per_beat;
  const seconds = (frames.length * frameSeconds).toFixed(1);
  if (!frames.length) return hint("The piece has no frames.");
  const grid = pianoGrid({
    ...rangeOf(frames),
    framesPerBeat: view.frames_per_beat,
    label: `A piece of ${beats} beats as a piano roll`,
  });
  grid.draw(
    frames.length,
    heldNotes(frames, (frame, pitch) =>
      given[frame]?.includes(pitch) ? "note-given" : "note-composed",
    ),
  );
  const sound = { notes: heldNotes(frames), frames: frames.length, frameSeconds };
  return element(
    "div",
    {},
    element(
      "ul",
      { class: "legend" },
      element("li", { class: "note-given" }, "given"),
      element("li", { class: "note-composed" }, "composed"),
    ),
    scrolling("The notes over time", grid.node),
    element(
      "p",
      { class: "actions" },
      playButton(() => sound, grid.follow),
      element(
        "a",
        {
          href: `data:audio/midi;base64,${values[view.midi].b64}`,
          download: "piece.mid",
        },
        "Download the MIDI file",
      ),
      element("span", { class: "hint" }, `${beats} beats, ${seconds} s`),
    ),
  );
}

/** Returns the lowest and highest key of a drawing of frames. */
function rangeOf(frames) {
  const pitches = frames.flat();
  let lowest = pitches.length ? Math.min(...pitches) - MARGIN : 60;
  let highest = pitches.length ? Math.max(...pitches) + MARGIN : 60;
  const missing = Math.max(0, LEAST_KEYS - (highest - lowest + 1));
  lowest -= Math.floor(missing / 2);
  highest += Math.ceil(missing / 2);
  return { lowest, highest };
}

/** Draws the view "frame_surprise". */
export function drawFrameSurprise(view, values, outputs, inputs) {
  const given = inputs[view.given].map(pitchesOf);
  const nats = values[view.nats];
  if (!given.flat().length) return hint("There are no notes to judge.");
  const place = (frame) => placeName(frame, view.frames_per_beat);
  const notes = (frame) => given[frame].map(noteName).join(" ") || "silence";
  const least = nats
    .map((value, frame) => ({ value, frame }))
    .slice(1)
    .sort((a, b) => b.value - a.value)
    .slice(0, LISTED)
    .sort((a, b) => a.frame - b.frame);
  const highest = Math.max(...nats, 1e-9);
  const bars = nats.map((value, frame) =>
    svg(
      "rect",
      { x: frame, y: highest - value, width: 0.85, height: value },
      svg("title", {}, `${place(frame)}: ${value.toFixed(2)} nats, ${notes(frame)}`),
    ),
  );
  return element(
    "div",
    {},
    element(
      "p",
      {},
      element("strong", {}, `${values[view.mean].toFixed(2)} nats per frame`),
      element("span", { class: "hint" }, " from the second frame on"),
    ),
    scrolling(
      "The nats of each frame over time",
      element(
        "figure",
        { class: "nats", style: { "--frames": nats.length } },
        svg(
          "svg",
          {
            viewBox: `0 0 ${nats.length} ${highest}`,
            preserveAspectRatio: "none",
            role: "img",
            "aria-label": "The nats of each frame over time",
          },
          bars,
        ),
        element(
          "figcaption",
          { class: "axis" },
          element("span", {}, "bar 1"),
          element("span", {}, `at most ${highest.toFixed(1)} nats`),
          element("span", {}, place(nats.length - 1).replace(/ beat.*/, "")),
        ),
      ),
    ),
    least.length > 0 && [
      element("p", { class: "hint" }, "Least expected:"),
      element(
        "ul",
        { class: "least" },
        least.map(({ value, frame }) =>
          element(
            "li",
            {},
            `${place(frame)}: ${notes(frame)} `,
            element("span", { class: "hint" }, `${value.toFixed(2)} nats`),
          ),
        ),
      ),
    ],
  );
}

function hint(text) {
  return element("p", { class: "hint" }, text);
}
