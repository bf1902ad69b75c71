/** The fan chart of a forecast. */

import { element, significant, svg } from "./dom.js";

const WIDTH = 640;
const HEIGHT = 300;
const MARGIN = { left: 8, right: 60, top: 12, bottom: 26 };
const BANDS = [
  [0.025, 0.975],
  [0.1, 0.9],
  [0.25, 0.75],
];
const TICKS = 5;

/** Draws the view "fan_chart". */
export function drawFanChart(view, values) {
  const quantiles = values[view.quantiles];
  const write = (value) =>
    view.unit === "%" ? `${(100 * value).toFixed(2)} %` : significant(value);
  const at = (row, level) => row[indexOf(view.levels, level)];
  const history = view.history ? values[view.history] : [];
  const dates = values[view.dates] ?? [];
  return element(
    "div",
    {},
    sentence(quantiles, at, write),
    chart(history, quantiles, at, write, dates.at(-1) ?? ""),
    table(quantiles, at, write),
  );
}

function indexOf(levels, wanted) {
  let best = 0;
  levels.forEach((level, i) => {
    if (Math.abs(level - wanted) < Math.abs(levels[best] - wanted)) best = i;
  });
  return best;
}

function sentence(quantiles, at, write) {
  const last = quantiles.at(-1);
  const range = (low, high) => `${write(at(last, low))} … ${write(at(last, high))}`;
  return element(
    "p",
    { class: "answer" },
    write(at(last, 0.5)),
    " ",
    element(
      "span",
      { class: "given" },
      `in ${quantiles.length} days; with 80 % between ${range(0.1, 0.9)}`,
    ),
  );
}

function chart(history, quantiles, at, write, lastDay) {
  const last = history.at(-1);
  // The bands of prices begin at the last price.
  const rows = quantiles.map((row) => (level) => at(row, level));
  if (last !== undefined) rows.unshift(() => last);
  const [low, high] = BANDS[0];
  const all = [...history, ...rows.flatMap((row) => [row(low), row(high)])];
  const [bottom, top] = [Math.min(...all), Math.max(...all)];
  const steps = Math.max(1, history.length - 1 + quantiles.length);
  const first = Math.max(0, history.length - 1);
  const x = (i) =>
    MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * i) / steps;
  const y = (value) =>
    MARGIN.top +
    ((HEIGHT - MARGIN.top - MARGIN.bottom) * (top - value)) / (top - bottom || 1);
  const point = (i, value) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`;
  const line = (points) => `M${points.join("L")}`;
  const bands = BANDS.map(([from, to]) =>
    svg("path", {
      class: "band",
      d: `${line([
        ...rows.map((row, i) => point(first + i, row(from))),
        ...rows.map((row, i) => point(first + i, row(to))).reverse(),
      ])}Z`,
    }),
  );
  const ticks = Array.from(
    { length: TICKS },
    (_, i) => bottom + ((top - bottom) * i) / (TICKS - 1),
  );
  return element(
    "figure",
    { class: "chart" },
    svg(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        role: "img",
        "aria-label": "The history, and the bands of the forecast",
      },
      ticks.map((value) => [
        svg("line", { class: "grid", x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: y(value), y2: y(value) }),
        svg("text", { class: "tick", x: WIDTH - MARGIN.right + 6, y: y(value) + 4 }, write(value)),
      ]),
      bands,
      history.length > 0 &&
        svg("path", { class: "history", d: line(history.map((v, i) => point(i, v))) }),
      svg("path", {
        class: "median",
        d: line(rows.map((row, i) => point(first + i, row(0.5)))),
      }),
      svg("line", { class: "today", x1: x(first), x2: x(first), y1: MARGIN.top, y2: HEIGHT - MARGIN.bottom }),
      svg("text", { class: "tick end", x: x(first) - 5, y: HEIGHT - 8 }, lastDay),
      svg("text", { class: "tick", x: x(first) + 5, y: HEIGHT - 8 }, "forecast"),
    ),
    element(
      "figcaption",
      { class: "hint" },
      "The line is the median; the bands hold 50, 80 and 95 % of the forecast.",
    ),
  );
}

function table(quantiles, at, write) {
  return element(
    "details",
    {},
    element("summary", {}, "Each coming day"),
    element(
      "table",
      { class: "days" },
      element(
        "thead",
        {},
        element("tr", {}, ["day", "10 %", "median", "90 %"].map((name) => element("th", { scope: "col" }, name))),
      ),
      element(
        "tbody",
        {},
        quantiles.map((row, i) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, i + 1),
            [0.1, 0.5, 0.9].map((level) =>
              element("td", { class: "number" }, write(at(row, level))),
            ),
          ),
        ),
      ),
    ),
  );
}
