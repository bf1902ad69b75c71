/** Maps of what was read: of tokens, of sentences, of pictures. */

import { element, scrolling } from "./dom.js";
import { bitmap, bytesOf } from "./files.js";

const WIDE = 5; // Up to this number of readings, each has its name.
const SIDE = 160; // Pixels of a picture.

/** Returns the first of lists within lists, until `depth` are left. */
function first(values, depth) {
  let inner = values;
  let levels = 0;
  for (let v = values; Array.isArray(v); v = v[0]) levels++;
  for (; levels > depth; levels--) inner = inner[0];
  return inner;
}

function present(tokens) {
  return first(tokens, 1).filter((token) => token !== "");
}

/** Returns a cell whose color and text are a weight from 0 to 1. */
function cell(weight, text = "") {
  return element(
    "td",
    {
      class: "weight",
      title: weight.toFixed(3),
      style: { "--strength": Math.max(0, Math.min(1, weight)) },
    },
    text,
  );
}

/** Draws the view "heat_map". */
export function drawHeatMap(view, values) {
  const weights = first(values[view.values], 2);
  const rows = [...present(values[view.rows]), "end"].slice(0, weights.length);
  const width = weights[0]?.length ?? 0;
  const columns = [...present(values[view.columns]), "end"].slice(0, width);
  return scrolling(
    view.title,
    element(
      "table",
      { class: "heat" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("td"),
          columns.map((token) =>
            element("th", { scope: "col" }, element("span", {}, token)),
          ),
        ),
      ),
      element(
        "tbody",
        {},
        rows.map((token, i) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, token),
            columns.map((_, j) => cell(weights[i][j])),
          ),
        ),
      ),
    ),
  );
}

/** Draws the view "evidence". */
export function drawEvidence(view, values) {
  const sentences = values[view.sentences];
  const maps = values[view.maps];
  const names = maps.map((_, i) =>
    maps.length <= WIDE ? `${view.reading} ${i + 1}` : `${i + 1}`,
  );
  const strongest = Math.max(...maps.flat(), 1e-9);
  return scrolling(
    view.title,
    element(
      "table",
      { class: "evidence" },
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("td", {}, maps.length > WIDE ? view.reading : ""),
          names.map((name) => element("th", { scope: "col" }, name)),
        ),
      ),
      element(
        "tbody",
        {},
        sentences
          .map((sentence, i) => ({ sentence, i }))
          .filter(({ sentence }) => sentence)
          .map(({ sentence, i }) => {
            const read = Math.max(...maps.map((map) => map[i]));
            const isStrong = read >= strongest / 2;
            return element(
              "tr",
              { class: isStrong && "strong" },
              element("th", { scope: "row" }, sentence),
              maps.map((map) =>
                cell(map[i], maps.length <= WIDE ? map[i].toFixed(2) : ""),
              ),
            );
          }),
      ),
    ),
  );
}

/** Draws the view "picture_maps". */
export async function drawPictureMaps(view, values) {
  const tokens = [...present(values[view.tokens])];
  const maps = first(values[view.maps], 3);
  const picture = await bitmap(bytesOf(values[view.picture]));
  const figures = tokens.map((token, i) =>
    element(
      "li",
      {},
      element("figure", {}, overlay(picture, maps[i]), element("figcaption", {}, token)),
    ),
  );
  return element("ol", { class: "strip pictures" }, figures);
}

/** Returns the picture, dark where the weights are low. */
function overlay(picture, weights) {
  const height = Math.round((SIDE * picture.height) / picture.width);
  const canvas = element("canvas", { width: SIDE, height });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0, SIDE, height);
  const rows = weights.length;
  const columns = weights[0].length;
  const shade = element("canvas", { width: columns, height: rows });
  const shading = shade.getContext("2d");
  const image = shading.createImageData(columns, rows);
  const highest = Math.max(...weights.flat(), 1e-9);
  weights.flat().forEach((weight, i) => {
    image.data[4 * i + 3] = 215 * (1 - weight / highest);
  });
  shading.putImageData(image, 0, 0);
  context.imageSmoothingQuality = "high";
  context.drawImage(shade, 0, 0, SIDE, height);
  return canvas;
}
