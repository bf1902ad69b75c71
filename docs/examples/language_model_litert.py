"""Continues a text with LiteRT: language_model_litert.py FOLDER TEXT.

FOLDER is an export of `python -m apps.language_model export --format=litert`.
"""

import json
import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter

folder, text = pathlib.Path(sys.argv[1]), sys.argv[2]
settings, vocabulary = (
    json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("preprocessing", "vocabulary")
)
tokens, first = vocabulary["tokens"], settings["first_token"]
ids = {token: number for number, token in enumerate(tokens, first)}
ids[settings["end_mark"]] = settings["end"]
is_word_level = settings["level"] == "word"
states = {
    name: np.zeros([1, size], np.float32)
    for name, size in settings["states"].items()
}
interpreter = Interpreter(model_path=str(folder / "step.tflite"))
network = interpreter.get_signature_runner()


def read(token):
    """Reads a token, and returns the logits of the next one."""
    outputs = network(ids=np.array([token], np.int32), **states)
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
whole = [*written[::-1], text] if settings["backward"] else [text, *written]
print((" " if is_word_level else "").join(whole))
