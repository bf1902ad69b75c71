/** Verdicts, texts, and tables of outputs. */

import { element, percent } from "./dom.js";

const RANKED = 5;
const NO_TEXT = -1e30; // Scores below mark texts that do not exist.
const LONGEST = 2000; // Characters of an output in a table.

/** Draws the view "text". */
export function drawText(view, values) {
  const text = values[view.text];
  const start = view.start ? values[view.start] : "";
  if (!text) return element("p", { class: "hint" }, "The answer is empty.");
  const parts = [text];
  if (start && text.startsWith(start)) {
    parts.splice(0, 1, given(start), text.slice(start.length));
  } else if (start && text.endsWith(start)) {
    parts.splice(0, 1, text.slice(0, -start.length), given(start));
  }
  return element("p", { class: "answer" }, parts);
}

function given(text) {
  return element("span", { class: "given" }, text);
}

/** Draws the view "probability". */
export function drawProbability(view, values) {
  const probability = values[view.probability];
  const isSecond = probability >= 0.5;
  const [first, second] = view.names;
  return element(
    "div",
    {},
    verdict(isSecond ? second : first, isSecond ? probability : 1 - probability),
    element(
      "div",
      { class: "balance", style: { "--share": probability } },
      element("span", {}, `${first} ${percent(1 - probability)}`),
      element("span", {}, `${second} ${percent(probability)}`),
    ),
  );
}

function verdict(name, probability) {
  return element(
    "p",
    { class: "answer" },
    name,
    " ",
    element("span", { class: "given" }, percent(probability)),
  );
}

/** Draws the view "ranking". */
export function drawRanking(view, values) {
  const probabilities = values[view.probabilities];
  const ranked = values[view.names]
    .map((name, i) => ({ name, probability: probabilities[i] }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, RANKED);
  const answer = values[view.verdict];
  return element(
    "div",
    {},
    element("p", { class: "answer" }, answer || "–"),
    element(
      "ol",
      { class: "bars" },
      ranked.map(({ name, probability }) =>
        element(
          "li",
          { style: { "--share": probability } },
          element("span", {}, name),
          element("span", { class: "number" }, percent(probability)),
        ),
      ),
    ),
  );
}

/** Draws the view "alternatives". */
export function drawAlternatives(view, values) {
  const scores = values[view.scores];
  const rows = values[view.texts]
    .map((text, i) => ({ text, score: scores[i] }))
    .filter(({ score }) => score > NO_TEXT);
  return element(
    "table",
    { class: "alternatives" },
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, "score"),
        element("th", { scope: "col" }, "text"),
      ),
    ),
    element(
      "tbody",
      {},
      rows.map(({ text, score }) =>
        element(
          "tr",
          {},
          element("td", { class: "number" }, score.toFixed(2)),
          element("td", {}, text),
        ),
      ),
    ),
  );
}

/** Draws the view "outputs". */
export function drawOutputs(view, values, outputs) {
  return element(
    "table",
    { class: "outputs" },
    element(
      "tbody",
      {},
      Object.entries(outputs).map(([name, value]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, name),
          element("td", {}, short(value)),
        ),
      ),
    ),
  );
}

function short(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
