/**
 * The fields of a form. Each has a `node`; `read()` returns the values of
 * inputs by name, and `fill(example)` shows those of an example.
 */

import { chooser } from "./chooser.js";
import { element } from "./dom.js";
import { base64, bytesOf, preview } from "./files.js";
import { pianoField } from "./piano_field.js";
import { recordingField } from "./recording_field.js";
import { readTable } from "./table.js";

/** Returns the field that a description asks for. */
export function fieldOf(description, signature) {
  const { kind } = description;
  if (kind === "image" || kind === "clip") return fileField(description);
  if (kind === "piano_roll") return pianoField(description);
  if (kind === "recording") return recordingField(description);
  if (kind === "table") return tableField(description, signature);
  return textField(description);
}

function textField({ name, label, kind }) {
  const id = `input-${name}`;
  const isLine = kind === "line" || kind === "value";
  const input = isLine
    ? element("input", { id, type: "text", autocomplete: "off" })
    : element("textarea", { id, rows: 3 });
  return {
    node: element("div", {}, element("label", { for: id }, label), input),
    read() {
      if (kind !== "value") return { [name]: input.value };
      try {
        return { [name]: JSON.parse(input.value) };
      } catch {
        throw new Error(`${label}: write a number, or a list as [1, 2].`);
      }
    },
    fill(example) {
      const value = example[name];
      input.value = kind === "value" ? JSON.stringify(value) : value;
    },
  };
}

/** Returns a field whose value is the content of a file. */
function fileField({ name, label, kind }) {
  const shown = element("div", { class: "preview" });
  let content = null;
  const field = chooser({ name, label, kind }, async (file) => {
    content = { b64: base64(await file.arrayBuffer()) };
    shown.replaceChildren(await preview(bytesOf(content)));
  });
  field.node.append(shown);
  return {
    node: field.node,
    async read() {
      await field.settled();
      if (!content) throw new Error(`${label}: choose a file first.`);
      return { [name]: content };
    },
    async fill(example, title) {
      content = example[name];
      field.forget(title);
      shown.replaceChildren(await preview(bytesOf(content)));
    },
  };
}

/** Returns a field whose file fills several inputs with columns. */
function tableField(description, signature) {
  const names = [...Object.keys(description.columns), description.file_stem];
  let values = null;
  const field = chooser(description, async (file) => {
    values = null;
    values = readTable(await file.text(), file.name, description, signature);
  });
  return {
    node: field.node,
    async read() {
      await field.settled();
      if (field.problem()) throw new Error(field.problem());
      if (!values) throw new Error(`${description.label}: choose a file first.`);
      return values;
    },
    fill(example, title) {
      values = Object.fromEntries(names.map((name) => [name, example[name]]));
      field.forget(title);
    },
  };
}
