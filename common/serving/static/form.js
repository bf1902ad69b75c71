/** The form: a field for each input, examples, and the button. */

import { element } from "./dom.js";
import { fieldOf } from "./fields.js";

const SNIPPET = 60; // Characters of an example on its button.

/** Returns the form of a model; `ask` is called with a reader of inputs. */
export function form(model, ask) {
  const signature = model.signatures.serving_default;
  const descriptions = model.page.inputs?.length
    ? model.page.inputs
    : defaultInputs(signature);
  const fields = descriptions.map((description) =>
    fieldOf(description, signature),
  );

  async function read() {
    const parts = [];
    for (const field of fields) parts.push(await field.read());
    return Object.assign({}, ...parts);
  }

  const node = element(
    "form",
    {
      class: "panel",
      onsubmit: (event) => {
        event.preventDefault();
        ask(read);
      },
      onkeydown: (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          node.requestSubmit();
        }
      },
    },
    fields.map((field) => field.node),
    element(
      "p",
      { class: "actions" },
      element("button", { type: "submit", class: "primary" }, "Answer"),
      element(
        "span",
        { class: "hint" },
        "or press ",
        element("kbd", {}, "Ctrl"),
        " + ",
        element("kbd", {}, "Enter"),
      ),
    ),
    examples(model.page.examples ?? [], fields, () => node.requestSubmit()),
  );
  return node;
}

/** Returns a description of a field for each input of a signature. */
function defaultInputs(signature) {
  return Object.entries(signature.inputs)
    .filter(([, { optional }]) => !optional)
    .map(([name, { type, shape }]) => ({
      name,
      label: name,
      kind: type === "string" && shape?.length < 2 ? "text" : "value",
    }));
}

/** Returns a list of buttons, each of which fills the form and asks. */
function examples(values, fields, ask) {
  if (!values.length) return null;
  const buttons = values.map((example, i) => {
    const texts = Object.values(example).filter((v) => typeof v === "string");
    const isText = texts.length === Object.keys(example).length;
    const text = isText ? texts.join(" ") : `Example ${i + 1}`;
    const snippet =
      text.length > SNIPPET ? `${text.slice(0, SNIPPET - 1)}…` : text;
    return element(
      "li",
      {},
      element(
        "button",
        {
          type: "button",
          title: isText ? text : null,
          onclick: () => {
            for (const field of fields) field.fill(example, text);
            ask();
          },
        },
        snippet,
      ),
    );
  });
  return element(
    "div",
    { class: "examples" },
    element("span", { class: "hint", id: "examples" }, "Try:"),
    element("ul", { "aria-labelledby": "examples" }, buttons),
  );
}
