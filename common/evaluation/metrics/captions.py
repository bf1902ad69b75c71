"""Metrics of captions, equal to the scorer of COCO.

The published scorer, pycocoevalcap, needs Java. The functions take tokens, see
`caption_tokens`: `candidates` has a list of tokens for each example,
`references` a list of such lists.

Reference: Chen et al., Microsoft COCO Captions: Data Collection and Evaluation
Server, 2015.
"""

import collections
import functools
import math
import operator
import re

import numpy as np

from common.evaluation.metrics import scripts

Captions = list[list[str]]

_WORD = re.compile(
    r"""
    can(?=not\b) | (?:gon|wan)(?=na\b) | \w+?(?=n't\b) | n't\b
    | '(?:s|m|d|ll|re|ve)\b | 'n' | (?:[od]'|ma')\w{2,}
    | (?:mr|mrs|dr|st|mt|jr|(?:[a-z]\.)*[a-z])\.  # Abbreviations, initials.
    | \w+(?:(?:[-./]|(?<=\d)[,:](?=\d))\w+)*
    | [?!]{2,}
    # Other punctuation is left out.
    | [^\w\s.?!,:;"'`“”‘’…–—。、，！？；：「」『』-]
    """,
    re.VERBOSE,
)
_BRACKETS = dict(
    zip("()[]{}", ["-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-"])
)


def caption_tokens(text: str) -> list[str]:
    """Returns the words of a caption as Stanford's PTBTokenizer splits them.

    Words are lower-cased, and contractions are two words: "ca n't", "dog 's".
    Punctuation is removed except for brackets, which become words such as
    "-lrb-": the published scorer searches for them in upper case. In scripts
    without spaces, each character is a word, which that scorer does not know.
    """
    text = scripts.spaced(text.lower().replace("’", "'"))
    words = _WORD.findall(text)
    return [_BRACKETS.get(word, word) for word in words]


def bleu_counts(candidates: Captions, references: list[Captions]) -> np.ndarray:
    """Returns the statistics of each example from which BLEU is computed.

    Returns:
      int (examples, 10): the length of the candidate; the length of the
      reference closest in length; for n of 1 to 4, the number of n-grams of
      the candidate that match a reference; for n of 1 to 4, the number of all
      its n-grams.
    """
    rows = []
    for candidate, texts in zip(candidates, references):
        closest = min(
            map(len, texts), key=lambda n: (abs(n - len(candidate)), n)
        )
        counted = _ngrams(candidate)
        # An n-gram matches at most as often as it occurs in one reference.
        most = [
            functools.reduce(operator.or_, counts)
            for counts in zip(*map(_ngrams, texts))
        ]
        matches = [(a & b).total() for a, b in zip(counted, most)]
        totals = [counts.total() for counts in counted]
        rows.append([len(candidate), closest, *matches, *totals])
    return np.array(rows)


def bleu(counts: np.ndarray) -> dict[str, float]:
    """Returns BLEU-1 to BLEU-4, 0 to 1.

    Args:
      counts: (10,); the sum of `bleu_counts` over the examples.

    Reference: Papineni et al., BLEU: a Method for Automatic Evaluation of
    Machine Translation, 2002.
    """
    tiny, small = 1e-15, 1e-9  # As in the published scorer.
    precisions = (counts[2:6] + tiny) / (counts[6:] + small)
    ratio = (counts[0] + tiny) / (counts[1] + small)
    brevity = math.exp(min(0.0, 1 - 1 / ratio))
    return {
        f"bleu_{n}": float(np.prod(precisions[:n]) ** (1 / n)) * brevity
        for n in range(1, 5)
    }


def rouge_l(candidates: Captions, references: list[Captions]) -> np.ndarray:
    """Returns ROUGE-L of each example, (examples,), 0 to 1.

    Reference: Lin, ROUGE: a Package for Automatic Evaluation of Summaries,
    2004.
    """
    scores, beta = [], 1.2
    for candidate, texts in zip(candidates, references):
        common = [_longest_common(candidate, text) for text in texts]
        precision = max(common) / max(1, len(candidate))
        recall = max(n / max(1, len(t)) for n, t in zip(common, texts))
        product = (1 + beta**2) * precision * recall
        scores.append(
            product / (recall + beta**2 * precision) if product else 0.0
        )
    return np.array(scores)


def cider_d(
    candidates: Captions,
    references: list[Captions],
    corpus: list[Captions] | None = None,
) -> np.ndarray:
    """Returns CIDEr-D of each example, (examples,), 0 to 10.

    Args:
      candidates: Tokens of each candidate.
      references: Tokens of the references of each example.
      corpus: The references that give the document frequencies; `references`
        if None.

    Reference: Vedantam, Zitnick & Parikh, CIDEr: Consensus-based Image
    Description Evaluation, 2015.
    """
    corpus = references if corpus is None else corpus
    frequencies = document_frequencies(corpus)
    scores = []
    for candidate, texts in zip(candidates, references):
        vectors = _tf_idf(candidate, frequencies, len(corpus))
        similarities = []
        for text in texts:
            weights = _tf_idf(text, frequencies, len(corpus))
            cosines = [_clipped_cosine(a, b) for a, b in zip(vectors, weights)]
            distance = (len(candidate) - len(text)) / 6
            similarities.append(np.mean(cosines) * math.exp(-(distance**2) / 2))
        scores.append(10 * np.mean(similarities))
    return np.array(scores)


def document_frequencies(references: list[Captions]) -> collections.Counter:
    """Returns the number of examples with each n-gram, for n of 1 to 4."""
    frequencies: collections.Counter = collections.Counter()
    for texts in references:
        ngrams = (counts for text in texts for counts in _ngrams(text))
        frequencies.update(set().union(*ngrams))
    return frequencies


def _ngrams(tokens):
    """Counts the n-grams, for n of 1 to 4."""
    return [
        collections.Counter(zip(*(tokens[i:] for i in range(n))))
        for n in range(1, 5)
    ]


def _longest_common(a, b):
    """Returns the length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        above, row = row, [0]
        for i, y in enumerate(b):
            row.append(above[i] + 1 if x == y else max(row[i], above[i + 1]))
    return row[-1]


def _tf_idf(tokens, frequencies, examples):
    """Returns the weights of the n-grams, for n of 1 to 4."""
    return [
        {
            ngram: count * math.log(examples / max(1, frequencies[ngram]))
            for ngram, count in counts.items()
        }
        for counts in _ngrams(tokens)
    ]


def _clipped_cosine(candidate, reference):
    """Returns the cosine; surplus n-grams of the candidate do not count."""
    norm = math.hypot(*candidate.values()) * math.hypot(*reference.values())
    dot = sum(
        min(weight, reference[ngram]) * reference[ngram]
        for ngram, weight in candidate.items()
        if ngram in reference
    )
    return dot / norm if norm else 0.0
