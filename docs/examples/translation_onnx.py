"""Translates texts with ONNX Runtime: translation_onnx.py FOLDER TEXT...

FOLDER is an export of `python -m apps.translation export --format=onnx` of a
model with subwords.
"""

import json
import pathlib
import re
import sys
import unicodedata

import numpy as np
import onnxruntime

folder = pathlib.Path(sys.argv[1])
settings, vocabulary = (
    json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("preprocessing", "vocabulary")
)
source, target = (
    [token.encode("latin-1") for token in vocabulary[side]["tokens"]]
    for side in ("source", "target")
)
ids = {token: number for number, token in reversed([*enumerate(source)])}
pairs = [(left, right) for left, right in vocabulary["source"]["merges"]]
ranks = {pair: rank for rank, pair in reversed([*enumerate(pairs)])}
encoder, decoder = (
    onnxruntime.InferenceSession(folder / f"{name}.onnx")
    for name in ("encoder", "decoder")
)


def run(network, **inputs):
    """Returns the outputs of a network by name."""
    names = [output.name for output in network.get_outputs()]
    return dict(zip(names, network.run(names, inputs)))


def spell(piece):
    """Returns the tokens of a piece: pairs are merged in their order."""
    tokens = [settings["first_byte"] + byte for byte in piece]
    while known := [p for p in zip(tokens, tokens[1:]) if p in ranks]:
        pair = min(known, key=ranks.get)
        place = [*zip(tokens, tokens[1:])].index(pair)
        merged = ids[source[pair[0]] + source[pair[1]]]
        tokens[place : place + 2] = [merged]
    return tokens


def tokenize(text):
    """Returns the tokens of a text, and the end mark."""
    text = text.strip(" \t\n\r\f\v")
    text = f" {text}" if text else ""
    # W is white space, L letters and their marks, N numbers, P all others.
    kinds = "".join(
        " "
        if c == " "
        else "W"
        if c in "\t\n\r\f"
        else {"L": "L", "M": "L", "N": "N"}.get(unicodedata.category(c)[0], "P")
        for c in text
    )
    places = re.finditer(r" ?L+| ?N+| ?P+|[ W]+", kinds)
    pieces = [text[p.start() : p.end()].encode() for p in places]
    cut = [p[i : i + 48] for p in pieces for i in range(0, len(p), 48)]
    tokens = [token for piece in cut for token in spell(piece)]
    return tokens[: settings["max_tokens"]] + [settings["end"]]


for text in sys.argv[2:]:
    tokens = np.array([tokenize(text)], np.int32)
    inputs = run(encoder, tokens=tokens) | {"places": tokens}
    most = min(30 + 3 * (tokens.size - 1), settings["max_tokens"])
    written, token = [], settings["start"]
    while tokens.size > 1 and len(written) < most:
        last = np.array([token], np.int32)
        outputs = run(decoder, tokens=last, **inputs)
        inputs |= {n: outputs[f"next_{n}"] for n in inputs if "state" in n}
        token = int(outputs["logits"][0].argmax())
        if token == settings["end"]:
            break
        written.append(target[token])
    print(b"".join(written).decode(errors="replace").removeprefix(" "))
