/** Recordings from the microphone. */

import { element } from "./dom.js";

const LONGEST = 300; // Seconds; as WAV, they fit in a request of 16 MiB.
const TICK = 200; // Milliseconds between two looks at the clock.

const REFUSALS = {
  NotAllowedError:
    "The microphone is blocked: allow it in the settings of the browser, or choose a file.",
  NotFoundError: "There is no microphone: connect one, or choose a file.",
  NotReadableError: "Another program uses the microphone: end it, or choose a file.",
};

/**
 * Returns a control that records. `take` is called with the file of each
 * recording, `say` with sentences for the user.
 */
export function microphone(take, say) {
  let recording = null; // While it runs.
  let isOpening = false;
  const clock = element("span", { class: "number", role: "timer" });
  const button = element(
    "button",
    { type: "button", onclick: () => (recording ? finish() : start()) },
    "Record",
  );

  async function start() {
    if (isOpening) return;
    isOpening = true;
    let stream = null;
    try {
      stream = await open();
      recording = run(stream);
      button.textContent = "Stop";
      button.classList.add("recording");
      say(`Recording, for at most ${LONGEST} s …`);
    } catch (error) {
      close(stream);
      say(error.message);
    } finally {
      isOpening = false;
    }
  }

  function run(stream) {
    const recorder = new MediaRecorder(stream);
    const parts = [];
    const began = performance.now();
    const timer = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      clock.textContent = `${seconds.toFixed(0)} s`;
      // No microphone stays on when its page is left.
      if (seconds >= LONGEST || !button.isConnected) finish();
    }, TICK);
    const current = { recorder, isKept: true };
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    current.ended = new Promise((resolve) => {
      // It also stops by itself, when the microphone is disconnected.
      recorder.addEventListener("stop", () => {
        clearInterval(timer);
        close(stream);
        recording = null;
        button.textContent = "Record";
        button.classList.remove("recording");
        clock.textContent = "";
        if (current.isKept) take(new File(parts, "Recording"));
        resolve();
      });
    });
    recorder.start();
    return current;
  }

  /** Ends a recording; resolves when it is taken, or dropped. */
  async function finish(isKept = true) {
    if (!recording) return;
    recording.isKept &&= isKept;
    if (recording.recorder.state !== "inactive") recording.recorder.stop();
    await recording.ended;
  }

  return {
    node: element("p", { class: "actions" }, button, clock),
    finish,
  };
}

/** Returns the sound of the microphone. */
async function open() {
  if (!isSecureContext) {
    throw new Error(
      "Browsers record only on pages of localhost or with https: choose a file.",
    );
  }
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) {
    throw new Error("This browser does not record: choose a file.");
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    throw new Error(
      REFUSALS[error.name] ?? `The microphone does not work: ${error.message}`,
    );
  }
}

/** Turns the microphone off. */
function close(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
