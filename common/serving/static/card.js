/** The model card: the Markdown that exports have, and no more of it. */

import { element } from "./dom.js";

const dialog = document.getElementById("card");

/** Returns a button that opens a model card; null without one. */
export function cardButton(text) {
  if (!text) return null;
  return element(
    "button",
    { type: "button", class: "link", onclick: () => open(text) },
    "Model card",
  );
}

function open(text) {
  const close = element(
    "button",
    { type: "button", class: "close", onclick: () => dialog.close() },
    "Close",
  );
  const title = element("h2", { id: "card-title" }, "Model card");
  dialog.replaceChildren(close, title, ...blocks(text));
  dialog.showModal();
}

/** Returns an element for each block of Markdown. */
export function blocks(text) {
  // The YAML at the top is for programs.
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, "");
  const nodes = [];
  let lines = [];
  let isCode = false;

  function finish() {
    if (lines.length) nodes.push(block(lines, isCode));
    lines = [];
  }
  for (const line of body.split("\n")) {
    if (line.startsWith("```")) {
      finish();
      isCode = !isCode;
    } else if (isCode) {
      lines.push(line);
    } else if (!line.trim()) {
      finish();
    } else {
      lines.push(line);
    }
  }
  finish();
  return nodes;
}

function block(lines, isCode) {
  const heading = lines[0].match(/^(#+) (.*)/);
  if (isCode) return element("pre", { tabindex: 0 }, lines.join("\n"));
  if (heading) return element(heading[1].length > 1 ? "h4" : "h3", {}, heading[2]);
  if (lines.every((line) => line.startsWith("    "))) {
    return element("pre", { tabindex: 0 }, lines.map((line) => line.slice(4)).join("\n"));
  }
  if (lines.every((line) => line.startsWith("- "))) {
    return element(
      "ul",
      {},
      lines.map((line) => element("li", {}, inline(line.slice(2)))),
    );
  }
  return element("p", {}, inline(lines.join(" ")));
}

/** Returns text, and code between backticks. */
function inline(text) {
  return text
    .split(/(`+)(.+?)\1(?!`)/)
    .map((part, i) =>
      i % 3 === 2 ? element("code", {}, part.trim()) : i % 3 === 0 ? part : null,
    );
}
