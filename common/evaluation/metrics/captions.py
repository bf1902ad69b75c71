"""Scores of answers beside the targets.

Those of captions equal the published scorer of COCO, pycocoevalcap, which
needs Java. They take tokens, as `caption_tokens` returns them: `candidates`, a
list of tokens for each example, and `references`, a list of such lists.

Reference: Chen et al., Microsoft COCO Captions: Data Collection and Evaluation
Server, 2015.
"""

import collections
import functools
import math
import operator
import re

import numpy as np

Captions = list[list[str]]

_WORD = re.compile(
    r"""
    can(?=not\b) | (?:gon|wan)(?=na\b) | \w+?(?=n't\b) | n't\b
    | '(?:s|m|d|ll|re|ve)\b | 'n' | (?:[od]'|ma')\w{2,}
    | (?:mr|mrs|dr|st|mt|jr|(?:[a-z]\.)*[a-z])\.  # Abbreviations, initials.
    | \w+(?:(?:[-./]|(?<=\d)[,:](?=\d))\w+)*
    | [?!]{2,} | [^\w\s.?!,:;"'`“”‘’…–—-]  # Other punctuation is left out.
    """,
    re.VERBOSE,
)
_BRACKETS = dict(
    zip("()[]{}", ["-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-"])
)


def caption_tokens(text: str) -> list[str]:
    """Returns the words of a caption as Stanford's PTBTokenizer splits them.

    They are lower-cased, and contractions are two words: "ca n't", "dog 's".
    Punctuation is left out, but brackets are words such as "-lrb-": the
    published scorer looks for them in capitals.
    """
    words = _WORD.findall(text.lower().replace("’", "'"))
    return [_BRACKETS.get(word, word) for word in words]


def bleu_counts(candidates: Captions, references: list[Captions]) -> np.ndarray:
    """Returns what each example contributes to BLEU.

    Returns:
      int (examples, 10): the length of the candidate; that of the reference
      that is closest to it; for n of 1 to 4, how many n-grams of the candidate
      a reference has, too; for n of 1 to 4, how many it has.
    """
    rows = []
    for candidate, others in zip(candidates, references):
        closest = min(
            map(len, others), key=lambda n: (abs(n - len(candidate)), n)
        )
        own = _ngrams(candidate)
        # An n-gram counts as often as the reference has it that has it most.
        most = [
            functools.reduce(operator.or_, counts)
            for counts in zip(*map(_ngrams, others))
        ]
        matches = [(a & b).total() for a, b in zip(own, most)]
        totals = [counts.total() for counts in own]
        rows.append([len(candidate), closest, *matches, *totals])
    return np.array(rows)


def bleu(counts: np.ndarray) -> dict[str, float]:
    """Returns BLEU of n-grams up to 1, 2, 3 and 4, 0 to 1.

    Args:
      counts: (10,); what `bleu_counts` returns, added up.

    Reference: Papineni et al., BLEU: a Method for Automatic Evaluation of
    Machine Translation, 2002.
    """
    tiny, small = 1e-15, 1e-9  # As the published scorer has them.
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
    for candidate, others in zip(candidates, references):
        shared = [_longest_common(candidate, other) for other in others]
        precision = max(shared) / max(1, len(candidate))
        recall = max(n / max(1, len(o)) for n, o in zip(shared, others))
        both = (1 + beta**2) * precision * recall
        scores.append(both / (recall + beta**2 * precision) if both else 0.0)
    return np.array(scores)


def cider_d(
    candidates: Captions,
    references: list[Captions],
    corpus: list[Captions] | None = None,
) -> np.ndarray:
    """Returns CIDEr-D of each example, (examples,), 0 to 10.

    Args:
      candidates: as told above.
      references: as told above.
      corpus: the references whose document frequencies count; None:
        `references`.

    Reference: Vedantam, Zitnick & Parikh, CIDEr: Consensus-based Image
    Description Evaluation, 2015.
    """
    corpus = references if corpus is None else corpus
    frequencies = document_frequencies(corpus)
    scores = []
    for candidate, others in zip(candidates, references):
        own = _tf_idf(candidate, frequencies, len(corpus))
        alike = []
        for other in others:
            weights = _tf_idf(other, frequencies, len(corpus))
            cosines = [_clipped_cosine(a, b) for a, b in zip(own, weights)]
            distance = (len(candidate) - len(other)) / 6
            alike.append(np.mean(cosines) * math.exp(-(distance**2) / 2))
        scores.append(10 * np.mean(alike))
    return np.array(scores)


def document_frequencies(references: list[Captions]) -> collections.Counter:
    """Returns of how many examples the references have an n-gram, n 1 to 4."""
    frequencies = collections.Counter()
    for others in references:
        ngrams = (counts for other in others for counts in _ngrams(other))
        frequencies.update(set().union(*ngrams))
    return frequencies


def _ngrams(tokens):
    """Returns how often each n-gram occurs, for n of 1 to 4."""
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
    """Returns the cosine; what the candidate has too often does not count."""
    norm = math.hypot(*candidate.values()) * math.hypot(*reference.values())
    dot = sum(
        min(weight, reference[ngram]) * reference[ngram]
        for ngram, weight in candidate.items()
        if ngram in reference
    )
    return dot / norm if norm else 0.0
