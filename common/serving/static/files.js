/** The content of picture files and clips. */

import { element } from "./dom.js";
import { frameCanvas, player } from "./frames.js";

const CHUNK = 0x8000;
const NPY = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const NPY_HEADER = 10; // Bytes before the text of the header.

/** Returns the bytes of a buffer as base64. */
export function base64(buffer) {
  const bytes = new Uint8Array(buffer);
  const parts = [];
  for (let start = 0; start < bytes.length; start += CHUNK) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + CHUNK)));
  }
  return btoa(parts.join(""));
}

/** Returns the bytes of a value in the form of requests. */
export function bytesOf({ b64 }) {
  return Uint8Array.from(atob(b64), (letter) => letter.charCodeAt(0));
}

/** Returns a drawing of a picture, of an animation, or of a NumPy file. */
export async function preview(bytes) {
  const frames = npyFrames(bytes);
  if (frames) return player(frames);
  const url = URL.createObjectURL(new Blob([bytes]));
  const image = element("img", { src: url, alt: "The chosen file" });
  try {
    await image.decode();
  } catch {
    return element("p", { class: "hint" }, "The browser cannot show this file.");
  } finally {
    URL.revokeObjectURL(url);
  }
  return image;
}

/** Returns the picture in a file, as a canvas draws it. */
export async function bitmap(bytes) {
  const frames = npyFrames(bytes);
  if (frames) return frameCanvas(frames[0]);
  return createImageBitmap(new Blob([bytes]));
}

/**
 * Returns the frames of a NumPy file, each of rows of pixels; null if it has
 * another format than uint8 (time, height, width[, 3]).
 */
export function npyFrames(bytes) {
  if (!NPY.every((byte, i) => bytes[i] === byte)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const start = NPY_HEADER + view.getUint16(NPY_HEADER - 2, true);
  const header = new TextDecoder().decode(bytes.subarray(NPY_HEADER, start));
  const shape = header.match(/'shape': \(([\d, ]+)\)/)?.[1];
  if (!shape || !/'descr': '\|u1'/.test(header)) return null;
  const [time, height, width, channels = 1] = shape
    .split(",")
    .filter((size) => size.trim())
    .map(Number);
  const size = height * width * channels;
  return Array.from({ length: time }, (_, t) => ({
    height,
    width,
    channels,
    pixels: bytes.subarray(start + t * size, start + (t + 1) * size),
  }));
}
