"""Classifies texts with LiteRT: sentiment_litert.py FOLDER TEXT...

FOLDER is an export of `python -m apps.sentiment export --format=litert`.
"""

import json
import pathlib
import re
import sys
import unicodedata

import numpy as np
from ai_edge_litert.interpreter import Interpreter


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
interpreter = Interpreter(model_path=str(folder / "classifier.tflite"))
network = interpreter.get_signature_runner()
for text in sys.argv[2:]:
    words, most = split_words(text), settings["max_words"]
    if len(words) > most:
        words = words[: (most + 1) // 2] + words[len(words) - most // 2 :]
    tokens = [ids.get(word, settings["unknown"]) for word in words]
    tokens = tokens[::-1] if settings["backward"] else tokens
    logits = network(tokens=np.array([tokens], np.int32))["logits"]
    if settings["labels"]:
        print(settings["labels"][logits[0].argmax()], text)
    else:  # The log-odds of positive.
        print(f"{1 / (1 + np.exp(-logits[0])):.6f}", text)
