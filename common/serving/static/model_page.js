/** The page of one model: form, answer, scores. */

import { cardButton } from "./card.js";
import { element } from "./dom.js";
import { form } from "./form.js";
import { scoreboard } from "./scores.js";
import { predict } from "./server.js";
import { draw } from "./views.js";


/** Returns the page of a model; `model` is what the server says of it. */
export function modelPage(model) {
  const status = element("p", { class: "status", role: "status" });
  const views = element("div", { class: "views", "aria-live": "polite" });
  let latest = 0;

  async function ask(read) {
    const number = ++latest;
    const isLatest = () => number === latest;
    status.classList.remove("error");
    status.textContent = "One moment …";
    views.setAttribute("aria-busy", "true");
    try {
      const inputs = await read();
      const panels = element("div", { class: "panels" });
      for await (const panel of panelsOf(model, inputs)) {
        if (!isLatest()) return;
        panels.append(panel);
        if (!panels.isConnected) views.replaceChildren(panels);
      }
      status.textContent = "";
    } catch (error) {
      if (!isLatest()) return;
      status.classList.add("error");
      status.textContent = error.message;
    } finally {
      if (isLatest()) views.removeAttribute("aria-busy");
    }
  }

  return element(
    "article",
    {},
    element("h2", {}, titleOf(model)),
    model.page.description && element("p", {}, model.page.description),
    form(model, ask),
    status,
    scoreboard(model.scores, cardButton(model.card)),
    views,
    model.page.limitations &&
      element("p", { class: "hint" }, model.page.limitations),
  );
}

/** Returns the title of a model; its name without a description. */
export function titleOf(model) {
  return model.page.title || model.name;
}

/** Yields a panel for each view, when its outputs arrive. */
async function* panelsOf(model, inputs) {
  const views = model.page.views ?? [
    { kind: "outputs", signature: "serving_default", arguments: {} },
  ];
  const calls = new Map();
  let outputs = {};
  for (const view of views) {
    if (!(view.signature in model.signatures)) continue;
    const key = JSON.stringify([view.signature, view.arguments]);
    if (!calls.has(key)) {
      const values = { ...outputs, ...inputs, ...view.arguments };
      calls.set(key, await predict(model, view.signature, values));
    }
    outputs = { ...outputs, ...calls.get(key) };
    const values = { ...inputs, ...outputs };
    yield element(
      "section",
      { class: `panel ${view.kind}` },
      view.title && element("h3", {}, view.title),
      await draw(view, values, calls.get(key), inputs),
    );
  }
}
