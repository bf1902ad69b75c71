/** A control that takes a chosen or dropped file. */

import { element } from "./dom.js";

const ACCEPT = {
  image: "image/jpeg,image/png,image/gif,image/bmp,image/webp",
  clip: "image/gif,.npy",
  recording: "audio/*,.wav,.mp3,.ogg,.opus,.m4a,.mp4,.webm,.flac,.aac",
  table: ".csv,.tsv,.txt,text/csv",
};
const HINTS = {
  image: "JPEG, PNG, GIF, BMP or WebP; choose a file, or drop one here.",
  clip: "GIF, or a NumPy file of frames; choose a file, or drop one here.",
  recording:
    "WAV, MP3, Ogg, M4A, WebM or FLAC; choose a file, drop one here, or record.",
  table: "CSV with a line of names; choose a file, or drop one here.",
};

/**
 * Returns the control. `take` reads a file; the text that it returns, or the
 * message of its error, stands below.
 */
export function chooser({ name, label, kind }, take) {
  const id = `input-${name}`;
  const chosen = element("span", { class: "hint", role: "status" }, HINTS[kind]);
  let problem = "";
  let settled = Promise.resolve();
  const input = element("input", {
    id,
    type: "file",
    accept: ACCEPT[kind],
    onchange: () => input.files[0] && receive(input.files[0]),
  });

  /** Reads a file after the ones before, so that the last one remains. */
  function receive(file) {
    if (input.files[0] !== file) input.value = "";
    settled = settled.then(() => read(file));
  }

  async function read(file) {
    problem = "";
    chosen.textContent = "";
    try {
      chosen.textContent = (await take(file)) ?? "";
    } catch (error) {
      problem = `${file.name}: ${error.message}`;
      chosen.textContent = problem;
    }
  }

  const node = element(
    "div",
    {
      class: "drop",
      ondragover: (event) => event.preventDefault(),
      ondrop: (event) => {
        event.preventDefault();
        if (!event.dataTransfer.files[0]) return;
        input.files = event.dataTransfer.files;
        receive(input.files[0]);
      },
    },
    element("label", { for: id }, label),
    input,
    chosen,
  );
  return {
    node,
    receive,
    problem: () => problem,
    /** Resolves when the files that were chosen are read. */
    settled: () => settled,
    say(text) {
      chosen.textContent = text;
    },
    /** Another value has taken the place of the file. */
    forget(title) {
      problem = "";
      input.value = "";
      chosen.textContent = title;
    },
  };
}
