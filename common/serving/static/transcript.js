/** The words of a recording, in a text and over time. */

import { element, percent, scrolling } from "./dom.js";
import { playerOf } from "./recording_field.js";

// Confidence below which words are underlined, in two ways.
const UNSURE = 0.9;
const DOUBTFUL = 0.6;
const TICKS = 600; // Most labels of seconds.
const LAST = 0.4; // Seconds before the end in which no label fits.

/** Draws the view "transcript". */
export function drawTranscript(view, values) {
  const get = (name) => values[view[name]];
  const seconds = get("seconds");
  if (!(seconds > 0)) return hint("This recording cannot be read.");
  if (!get("transcript")) return hint("No words were recognized.");
  const words = get("words")
    .map((text, i) => ({
      text,
      start: get("start")[i],
      end: get("end")[i],
      confidence: get("confidence")[i],
    }))
    .filter(({ text }) => text !== "");
  const detail = hint("Click a word, or press Enter on it, to hear it.");

  function play(word) {
    const player = playerOf(get("recording"));
    detail.textContent = `${word.text}: ${description(word)}`;
    if (!player) {
      detail.textContent += "; this recording can no longer be played here.";
      return;
    }
    player.currentTime = word.start;
    player.play().catch(() => {}); // It was stopped before it began.
  }

  return element(
    "div",
    {},
    element(
      "p",
      { class: "answer" },
      words.map((word, i) => [i > 0 && " ", button(word, play)]),
    ),
    element(
      "p",
      { class: "legend" },
      "Confidence:",
      sample(UNSURE, "unsure"),
      sample(DOUBTFUL, "doubtful"),
    ),
    scrolling("The words over time", track(words, seconds, play)),
    detail,
  );
}

function hint(text) {
  return element("p", { class: "hint" }, text);
}

/** Returns a word that is played when it is pressed. */
function button(word, play, attributes = {}) {
  const { text, confidence } = word;
  const level =
    confidence < DOUBTFUL ? "doubtful" : confidence < UNSURE ? "unsure" : "sure";
  return element(
    "button",
    {
      type: "button",
      class: `word ${level}`,
      title: description(word),
      style: { "--doubt": 1 - Math.max(0, Math.min(1, confidence)) },
      onclick: () => play(word),
      ...attributes,
    },
    text,
  );
}

function description({ start, end, confidence }) {
  return `${start.toFixed(2)}–${end.toFixed(2)} s, confidence ${percent(confidence)}`;
}

function sample(confidence, level) {
  return element(
    "span",
    { class: `word ${level}`, style: { "--doubt": 1 - confidence } },
    `below ${100 * confidence} %`,
  );
}

/** Returns the words at their places, with labels of seconds. */
function track(words, seconds, play) {
  const place = (second) => Math.max(0, Math.min(1, second / seconds));
  const step = Math.ceil(seconds / TICKS);
  const count = Math.max(1, Math.ceil((seconds - LAST) / step));
  const ticks = Array.from({ length: count }, (_, i) => i * step);
  return element(
    "div",
    { class: "track", style: { "--seconds": seconds } },
    // The words above are reached with Tab, these with the pointer.
    words.map((word) =>
      element(
        "div",
        {
          style: {
            "--start": place(word.start),
            "--share": place(word.end) - place(word.start),
          },
        },
        button(word, play, { tabindex: -1 }),
      ),
    ),
    ticks.map((second) =>
      element("span", { style: { "--start": place(second) } }, `${second} s`),
    ),
  );
}
