"""Translates texts without TensorFlow: translation.py FOLDER TEXT...

FOLDER is an export of `python -m apps.translation export` of a model with
subwords, with --format=litert or --format=onnx. The likeliest token follows.
"""

import pathlib
import re
import sys
import unicodedata

import networks
import numpy as np


class Tokenizer:
    """Maps texts to byte pairs.

    Args:
      settings: preprocessing.json.
      vocabulary: The source in vocabulary.json.
    """

    def __init__(self, settings, vocabulary):
        self.settings, self.tokens = settings, decoded(vocabulary)
        self.ids = {t: i for i, t in reversed([*enumerate(self.tokens)])}
        pairs = [(left, right) for left, right in vocabulary["merges"]]
        self.ranks = {p: rank for rank, p in reversed([*enumerate(pairs)])}

    def spell(self, piece):
        """Returns the tokens of a piece: pairs are merged in their order."""
        tokens = [self.settings["first_byte"] + byte for byte in piece]
        while known := [p for p in zip(tokens, tokens[1:]) if p in self.ranks]:
            pair = min(known, key=self.ranks.get)
            place = [*zip(tokens, tokens[1:])].index(pair)
            merged = self.tokens[pair[0]] + self.tokens[pair[1]]
            tokens[place : place + 2] = [self.ids[merged]]
        return tokens

    def __call__(self, text):
        """Returns the tokens of a text, and the end mark."""
        text = text.strip(" \t\n\r\f\v")
        text = f" {text}" if text else ""
        places = re.finditer(r" ?L+| ?N+| ?P+|[ W]+", "".join(map(kind, text)))
        pieces = [text[p.start() : p.end()].encode() for p in places]
        cut = [p[i : i + 48] for p in pieces for i in range(0, len(p), 48)]
        tokens = [token for piece in cut for token in self.spell(piece)]
        return tokens[: self.settings["max_tokens"]] + [self.settings["end"]]


def kind(character):
    """Returns W for white space, L for letters, N for numbers, otherwise P."""
    if character == " ":
        return " "
    if character in "\t\n\r\f":
        return "W"
    category = unicodedata.category(character)[0]
    return {"L": "L", "M": "L", "N": "N"}.get(category, "P")


def decoded(vocabulary):
    """Returns the tokens as bytes."""
    return [token.encode("latin-1") for token in vocabulary["tokens"]]


def main(folder, *texts):
    """Prints the translation of each text."""
    folder = pathlib.Path(folder)
    settings, vocabulary = networks.read_texts(folder)
    tokenize = Tokenizer(settings, vocabulary["source"])
    target = decoded(vocabulary["target"])
    encode, decode = (
        networks.load(folder, name) for name in ("encoder", "decoder")
    )
    for text in texts:
        tokens = np.array([tokenize(text)], np.int32)
        inputs = encode(tokens=tokens) | {"places": tokens}
        most = min(30 + 3 * (tokens.size - 1), settings["max_tokens"])
        written, token = [], settings["start"]
        while tokens.size > 1 and len(written) < most:
            outputs = decode(tokens=np.array([token], np.int32), **inputs)
            inputs |= {n: outputs[f"next_{n}"] for n in inputs if "state" in n}
            token = int(outputs["logits"][0].argmax())
            if token == settings["end"]:
                break
            written.append(target[token])
        print(b"".join(written).decode(errors="replace").removeprefix(" "))


if __name__ == "__main__":
    main(*sys.argv[1:])
