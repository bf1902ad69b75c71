/** The field of a recording: a file, or the microphone. */

import { chooser } from "./chooser.js";
import { element } from "./dom.js";
import { base64, bytesOf } from "./files.js";
import { microphone } from "./microphone.js";
import { isWav, toWav } from "./wav.js";

// From the value of an input to the element that plays it.
const players = new WeakMap();

/** Returns the element that plays a value, while it is on the page. */
export function playerOf(content) {
  const player = players.get(content);
  return player?.isConnected ? player : null;
}

/** Returns a field whose value is the content of a WAV file. */
export function recordingField(description) {
  const { name, label } = description;
  const preview = element("div", { class: "preview" });
  const field = chooser(description, take);
  const recorder = microphone(field.receive, field.say);
  let content = null;
  field.node.append(recorder.node, preview);

  async function take(file) {
    recorder.finish(false);
    show(null);
    if (!file.size) throw new Error("The file is empty.");
    const original = await file.arrayBuffer();
    if (isWav(original)) {
      show({ b64: base64(original) });
      return "";
    }
    const { wav, seconds } = await toWav(original);
    show({ b64: base64(wav) });
    return `${file.name}: ${seconds.toFixed(1)} s, converted to WAV.`;
  }

  function show(value) {
    content = value;
    const old = preview.firstChild;
    if (old) URL.revokeObjectURL(old.src);
    preview.replaceChildren(...(value ? [player(value)] : []));
  }

  return {
    node: field.node,
    async read() {
      await recorder.finish();
      await field.settled();
      if (field.problem()) throw new Error(field.problem());
      if (!content) {
        throw new Error(`${label}: choose a file, or record, first.`);
      }
      return { [name]: content };
    },
    async fill(example, title) {
      recorder.finish(false);
      await field.settled();
      field.forget(title);
      show(example[name]);
    },
  };
}

function player(content) {
  const blob = new Blob([bytesOf(content)], { type: "audio/wav" });
  const url = URL.createObjectURL(blob);
  // The page of another model takes the place of this one.
  addEventListener("hashchange", () => URL.revokeObjectURL(url), { once: true });
  const audio = element("audio", {
    controls: true,
    src: url,
    "aria-label": "The recording",
    onerror: () =>
      audio.replaceWith(
        element("p", { class: "hint" }, "The browser cannot play this file."),
      ),
  });
  players.set(content, audio);
  return audio;
}
