/** Labels of frames over time. */

import { element, percent, svg } from "./dom.js";

const WIDTH = 600;
const HEIGHT = 180;
const LISTED = 7; // Labels with a color; the others are one area.

/** Draws the view "timeline". */
export function drawTimeline(view, values) {
  const get = (name) => values[view[name]];
  const segments = get("segment_labels")
    .map((label, i) => ({
      label,
      start: get("segment_start")[i],
      end: get("segment_end")[i],
      probability: get("segment_probabilities")[i],
    }))
    .filter(({ label }) => label !== "");
  if (!segments.length) {
    return element("p", { class: "hint" }, "No frame of this clip can be read.");
  }
  const areas = mostProbable(get("labels"), get("probabilities"));
  return element(
    "div",
    {},
    element(
      "ol",
      { class: "segments" },
      segments.map(({ label, start, end, probability }) =>
        element(
          "li",
          {},
          element("span", { class: "hint" }, `${start.toFixed(1)}–${end.toFixed(1)} s `),
          element("strong", {}, label),
          element("span", { class: "hint" }, ` ${percent(probability)}`),
        ),
      ),
    ),
    chart(areas, get("start"), get("end")),
    element(
      "ul",
      { class: "legend" },
      areas.map(({ label }, i) =>
        element("li", { class: `series-${i}` }, label),
      ),
    ),
  );
}

/** Returns labels with their probabilities over time; the rest is one. */
function mostProbable(labels, probabilities) {
  const totals = labels.map((_, k) =>
    probabilities.reduce((sum, row) => sum + row[k], 0),
  );
  const order = labels.map((_, k) => k).sort((a, b) => totals[b] - totals[a]);
  const areas = order.slice(0, LISTED).map((k) => ({
    label: labels[k],
    shares: probabilities.map((row) => row[k]),
  }));
  const rest = order.slice(LISTED);
  if (rest.length) {
    const sum = (row) => rest.reduce((total, k) => total + row[k], 0);
    areas.push({ label: "others", shares: probabilities.map(sum) });
  }
  return areas;
}

/** Returns stacked areas: the probability of a frame holds while it lasts. */
function chart(areas, start, end) {
  const count = end.filter((second) => second > 0).length;
  const duration = end[count - 1];
  const x = (second) => (WIDTH * second) / duration;
  const bars = [];
  for (let t = 0; t < count; t++) {
    let y = 0;
    areas.forEach(({ shares }, i) => {
      const height = HEIGHT * shares[t];
      bars.push(
        svg("rect", {
          class: `series-${i}`,
          x: x(start[t]).toFixed(2),
          y: y.toFixed(2),
          width: (x(end[t]) - x(start[t]) + 0.5).toFixed(2),
          height: height.toFixed(2),
        }),
      );
      y += height;
    });
  }
  return element(
    "figure",
    { class: "chart" },
    svg(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: "none",
        role: "img",
        "aria-label": "The probability of each label over time",
      },
      bars,
    ),
    element(
      "figcaption",
      { class: "axis" },
      element("span", {}, "0 s"),
      element("span", {}, "probability over time"),
      element("span", {}, `${duration.toFixed(1)} s`),
    ),
  );
}
