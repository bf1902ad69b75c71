"""Composes without TensorFlow: music.py FOLDER FRAMES.

FOLDER is an export of `python -m apps.music export` of a run with
--network=nade or --network=keys, with --format=litert or --format=onnx. The
names of the notes of each frame are printed.
"""

import pathlib
import sys

import networks
import numpy as np

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def draw(frame, vector, rng):
    """Returns the keys of a frame, (1, 88), drawn from the lowest one on."""
    chosen, key = np.zeros([1, 88], np.int32), 0
    uniforms = rng.random(88)
    while key < 88:
        log_odds = frame(vector=vector, chosen=chosen)["logits"][0]
        sounds = uniforms < 1 / (1 + np.exp(-log_odds))
        # The next key that sounds; those above it depend on it.
        later = np.flatnonzero(sounds[key:])
        if not len(later):
            break
        key += later[0]
        chosen[0, key] = 1
        key += 1
    return chosen


def main(folder, count):
    """Prints the notes of new frames."""
    folder = pathlib.Path(folder)
    settings = networks.read_settings(folder)
    step, frame = (networks.load(folder, name) for name in ("step", "frame"))
    states = {
        name: np.zeros([1, *shape], np.float32)
        for name, shape in settings["states"].items()
    }
    rng = np.random.default_rng(0)
    previous = np.full([1, 88], settings["start"], np.int32)
    for _ in range(int(count)):
        outputs = step(previous=previous, **states)
        states = {name: outputs[f"next_{name}"] for name in states}
        previous = draw(frame, outputs["vector"], rng)
        pitches = np.flatnonzero(previous) + settings["lowest_pitch"]
        print(" ".join(f"{NAMES[p % 12]}{p // 12 - 1}" for p in pitches))


if __name__ == "__main__":
    main(*sys.argv[1:])
