"""Classifies texts without TensorFlow: sentiment.py FOLDER TEXT...

FOLDER is an export of `python -m apps.sentiment export`, with --format=litert
or --format=onnx.
"""

import pathlib
import re
import sys
import unicodedata

import networks
import numpy as np


def split_words(text):
    """Returns words in lower case, and single marks and symbols."""
    text = re.sub(r"<br\s*/?>", " ", text.lower()).replace("\u2019", "'")
    # L, M, N are letters, their marks, and numbers; P and S marks and symbols.
    kinds = (c if c == "'" else unicodedata.category(c)[0] for c in text)
    words = re.finditer(r"[LMN]+(?:'L+)*|[PS']", "".join(kinds))
    return [text[word.start() : word.end()] for word in words] or ["\ufffd"]


def main(folder, *texts):
    """Prints the label or the probability of each text."""
    folder = pathlib.Path(folder)
    settings, vocabulary = networks.read_texts(folder)
    numbered = enumerate(vocabulary["words"], settings["first_word"])
    ids = {word: number for number, word in numbered}
    classify, most = networks.load(folder, "classifier"), settings["max_words"]
    for text in texts:
        words = split_words(text)
        if len(words) > most:
            words = words[: (most + 1) // 2] + words[len(words) - most // 2 :]
        tokens = [ids.get(word, settings["unknown"]) for word in words]
        tokens = tokens[::-1] if settings["backward"] else tokens
        logits = classify(tokens=np.array([tokens], np.int32))["logits"]
        if settings["labels"]:
            print(settings["labels"][logits[0].argmax()], text)
        else:  # The log-odds of positive.
            print(f"{1 / (1 + np.exp(-logits[0])):.6f}", text)


if __name__ == "__main__":
    main(*sys.argv[1:])
