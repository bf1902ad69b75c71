"""Classifies texts with ONNX Runtime: sentiment_onnx.py FOLDER TEXT...

FOLDER is an export of `python -m apps.sentiment export --format=onnx`.
"""

import json
import pathlib
import re
import sys
import unicodedata

import numpy as np
import onnxruntime


def split_words(text):
    """Returns words in lower case, and single marks and symbols."""
    text = re.sub(r"<br\s*/?>", " ", text.lower()).replace("\u2019", "'")
    # L, M, N are letters, their marks, and numbers; P and S marks and symbols.
    kinds = (c if c == "'" else unicodedata.category(c)[0] for c in text)
    words = re.finditer(r"[LMN]+(?:'L+)*|[PS']", "".join(kinds))
    return [text[word.start() : word.end()] for word in words] or ["\ufffd"]


folder = pathlib.Path(sys.argv[1])
settings, vocabulary = (
    json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("preprocessing", "vocabulary")
)
ids = {w: i for i, w in enumerate(vocabulary["words"], settings["first_word"])}
network = onnxruntime.InferenceSession(folder / "classifier.onnx")
for text in sys.argv[2:]:
    words, most = split_words(text), settings["max_words"]
    if len(words) > most:
        words = words[: (most + 1) // 2] + words[len(words) - most // 2 :]
    tokens = [ids.get(word, settings["unknown"]) for word in words]
    tokens = tokens[::-1] if settings["backward"] else tokens
    inputs = {"tokens": np.array([tokens], np.int32)}
    (logits,) = network.run(["logits"], inputs)
    if settings["labels"]:
        print(settings["labels"][logits[0].argmax()], text)
    else:  # The log-odds of positive.
        print(f"{1 / (1 + np.exp(-logits[0])):.6f}", text)
