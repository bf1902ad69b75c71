/** Frames of clips: one, an animation, and all side by side. */

import { element } from "./dom.js";

const SECONDS = 0.1; // Of a frame.

/** Returns a canvas with a frame: height, width, channels and pixels. */
export function frameCanvas({ height, width, channels, pixels }) {
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      image.data[4 * i + c] = pixels[channels * i + (channels === 3 ? c : 0)];
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Returns an animation of frames with a button that stops it. */
export function player(frames, label = "The clip") {
  const pictures = frames.map(frameCanvas);
  const { width, height } = pictures[0] ?? { width: 1, height: 1 };
  const canvas = element("canvas", { width, height, role: "img", "aria-label": label });
  const context = canvas.getContext("2d");
  let number = 0;
  let timer = null;

  function show() {
    if (pictures.length) context.drawImage(pictures[number], 0, 0);
  }
  function advance() {
    // A clip that has left the page needs no further frames.
    if (number && !canvas.isConnected) return stop();
    number = (number + 1) % pictures.length;
    show();
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    button.textContent = "Play";
  }
  function play() {
    timer = setInterval(advance, 1000 * SECONDS);
    button.textContent = "Pause";
  }
  const button = element(
    "button",
    { type: "button", onclick: () => (timer === null ? play() : stop()) },
    "Play",
  );
  show();
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (!isCalm && pictures.length > 1) play();
  return element("div", { class: "player" }, canvas, button);
}

/** Returns the frames of an output: lists of rows of pixels. */
function fromLists(frames) {
  return frames.map((rows) => ({
    height: rows.length,
    width: rows[0].length,
    channels: rows[0][0].length,
    pixels: rows.flat(2),
  }));
}

/** Draws the view "frames". */
export function drawFrames(view, values) {
  const frames = fromLists(values[view.frames]);
  return element(
    "div",
    {},
    player(frames, "The frames that follow, as an animation"),
    element(
      "ol",
      { class: "strip" },
      frames.map((frame) => element("li", {}, frameCanvas(frame))),
    ),
  );
}
