/** Texts with colored words. */

import { element } from "./dom.js";

const LISTED = 5;
const UNUSUAL = 2.5; // Nats below the expected log probability.
const DARKEST = 12; // Nats at which the color is the strongest.

/** Draws the view "colored_words". */
export function drawColoredWords(view, values) {
  const contributions = values[view.values];
  const pieces = spans(values[view.text], values[view.words], contributions);
  const scale = Math.max(...contributions.map(Math.abs), 1e-9);
  const listed = pieces
    .filter(({ value }) => value !== 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, LISTED);
  return element(
    "div",
    {},
    element(
      "p",
      { class: "words" },
      pieces.map(({ text, value }) =>
        value === 0
          ? text
          : element(
              "mark",
              {
                class: value > 0 ? "for" : "against",
                title: signed(value),
                style: { "--strength": Math.abs(value) / scale },
              },
              text,
            ),
      ),
    ),
    listed.length > 0 &&
      element(
        "p",
        { class: "hint" },
        "Strongest, in log-odds: ",
        listed.map(({ text, value }) => `${text} ${signed(value)}`).join(", "),
      ),
  );
}

function signed(value) {
  return `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`;
}

/**
 * Cuts a text into pieces, each with the value of the word that it holds.
 *
 * The words are in lower case; those of a long text are its first and its last
 * ones.
 */
export function spans(text, words, values) {
  const plain = [...text]
    .map((letter) => {
      const lower = letter.toLowerCase();
      return lower.length === letter.length ? lower : letter;
    })
    .join("")
    .replaceAll("\u2019", "'");
  const half = Math.ceil(words.length / 2);
  const places = [];
  let start = 0;
  for (let i = 0; i < half; i++) {
    const at = plain.indexOf(words[i], start);
    if (!words[i] || at < 0) continue;
    start = at + words[i].length;
    places.push({ at, end: start, value: values[i] });
  }
  let end = plain.length;
  for (let i = words.length - 1; i >= half; i--) {
    const at = plain.slice(0, end).lastIndexOf(words[i]);
    if (!words[i] || at < start) continue;
    places.push({ at, end: at + words[i].length, value: values[i] });
    end = at;
  }
  places.sort((a, b) => a.at - b.at);
  const pieces = [];
  let done = 0;
  for (const { at, end: stop, value } of places) {
    pieces.push({ text: text.slice(done, at), value: 0 });
    pieces.push({ text: text.slice(at, stop), value });
    done = stop;
  }
  pieces.push({ text: text.slice(done), value: 0 });
  return pieces.filter((piece) => piece.text);
}

/** Draws the view "surprise". */
export function drawSurprise(view, values) {
  const logs = values[view.log_probabilities];
  const expected = values[view.expected];
  const tokens = values[view.tokens].map((text, i) => ({
    text,
    nats: -logs[i],
    isUnusual: logs[i] < expected[i] - UNUSUAL,
  }));
  const perplexity = Math.exp(
    -logs.reduce((sum, log) => sum + log, 0) / logs.length,
  );
  const parts = tokens.flatMap((token, i) => [
    i > 0 && view.separator,
    element(
      "mark",
      {
        class: token.isUnusual ? "surprise unusual" : "surprise",
        title: `${odds(token.nats)}, ${token.nats.toFixed(2)} nats`,
        style: { "--strength": Math.min(1, token.nats / DARKEST) },
      },
      token.text.replaceAll("\n", "⏎\n"),
    ),
  ]);
  const unusual = tokens
    .filter(({ isUnusual }) => isUnusual)
    .sort((a, b) => b.nats - a.nats)
    .slice(0, LISTED);
  return element(
    "div",
    {},
    element("p", { class: "words" }, parts),
    element(
      "p",
      { class: "legend", "aria-hidden": "true" },
      "expected ",
      element("span", { class: "scale" }),
      " surprising",
    ),
    element(
      "p",
      { class: "hint" },
      `Perplexity ${perplexity.toFixed(1)}. `,
      unusual.length > 0 &&
        `Less likely than usual at their place, underlined: ${unusual
          .map(({ text, nats }) => `${text.trim() || "⏎"} (${odds(nats)})`)
          .join(", ")}.`,
    ),
  );
}

function odds(nats) {
  const against = Math.exp(Math.min(nats, 700));
  return `1 : ${against < 10 ? against.toFixed(1) : Math.round(against).toLocaleString("en")}`;
}
