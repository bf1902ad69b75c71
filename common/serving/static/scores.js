/** The scores of a model, next to those of its baselines. */

import { element, scrolling, significant } from "./dom.js";

/** Returns the scores of the exported version, and its model card's button. */
export function scoreboard(scores, cardButton) {
  if (!scores.primary_metric) {
    return element(
      "aside",
      { class: "scores" },
      element("p", {}, "This version was exported without scores. ", cardButton),
    );
  }
  const metric = scores.primary_metric;
  const baseline = scores.best_baseline;
  const [low, high] = scores.interval[metric].map(significant);
  const reference = scores.baselines[baseline][metric];
  return element(
    "aside",
    { class: "scores", "aria-label": "Scores" },
    element(
      "p",
      {},
      `${metric.replaceAll("_", " ")} `,
      element("strong", {}, significant(scores.metrics[metric])),
      ` (${low} … ${high}), ${baseline} `,
      element("strong", {}, significant(reference)),
      ": ",
      element(
        "span",
        { class: scores.better_than_baseline ? "better" : "worse" },
        scores.better_than_baseline
          ? `better than ${baseline}`
          : `not better than ${baseline}`,
      ),
      `, on ${scores.examples.toLocaleString("en")} ${scores.split} examples of ${scores.dataset}. `,
      cardButton,
    ),
    element("details", {}, element("summary", {}, "All scores"), table(scores)),
  );
}

function table(scores) {
  const names = Object.keys(scores.baselines);
  return scrolling(
    "All scores",
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("td"),
          ["model", "95 % interval", ...names].map((name) =>
            element("th", { scope: "col" }, name),
          ),
        ),
      ),
      element(
        "tbody",
        {},
        Object.entries(scores.metrics).map(([metric, value]) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, metric),
            element("td", { class: "number" }, significant(value)),
            element(
              "td",
              { class: "number" },
              (scores.interval[metric] ?? []).map(significant).join(" … "),
            ),
            names.map((name) => {
              const score = scores.baselines[name][metric];
              return element(
                "td",
                { class: "number" },
                score === undefined ? "–" : significant(score),
              );
            }),
          ),
        ),
      ),
    ),
  );
}
