"""Continues a text without TensorFlow: language_model.py FOLDER TEXT.

FOLDER is an export of `python -m apps.language_model export`, with
--format=litert or --format=onnx. The likeliest token follows.
"""

import pathlib
import sys

import networks
import numpy as np


def main(folder, text):
    """Prints a text and at most 40 tokens more."""
    folder = pathlib.Path(folder)
    settings, vocabulary = networks.read_texts(folder)
    tokens, first = vocabulary["tokens"], settings["first_token"]
    ids = {token: number for number, token in enumerate(tokens, first)}
    ids[settings["end_mark"]] = settings["end"]
    is_word_level = settings["level"] == "word"
    step = networks.load(folder, "step")
    states = {
        name: np.zeros([1, size], np.float32)
        for name, size in settings["states"].items()
    }

    def read(token):
        """Reads a token, and returns the logits of the next one."""
        outputs = step(ids=np.array([token], np.int32), **states)
        states.update({name: outputs[f"next_{name}"] for name in states})
        return outputs["logits"][0]

    marked = text.replace("\n", f" {settings['end_mark']} ")
    parts = marked.split() if is_word_level else list(text)
    logits = read(settings["end"])
    for part in parts[::-1] if settings["backward"] else parts:
        logits = read(ids.get(part, settings["unknown"]))
    written = []
    while len(written) < 40:
        logits[settings["unknown"]] = -np.inf
        token = int(logits.argmax())
        if token == settings["end"]:
            break
        written.append(tokens[token - first])
        logits = read(token)
    is_backward = settings["backward"]
    whole = [*written[::-1], text] if is_backward else [text, *written]
    print((" " if is_word_level else "").join(whole))


if __name__ == "__main__":
    main(*sys.argv[1:])
