"""sacreBLEU and chrF, from statistics of each sentence.

A corpus score is a function of n-gram counts that are summed over sentences:
counted once, they are aggregated for a thousand resampled test sets.

Reference: Papineni et al., BLEU: a Method for Automatic Evaluation of Machine
Translation, 2002; Popović, chrF: character n-gram F-score for automatic MT
evaluation, 2015; Post, A Call for Clarity in Reporting BLEU Scores, 2018.
"""

import functools
import importlib.util
from collections.abc import Callable

import numpy as np
from sacrebleu.metrics import BLEU
from sacrebleu.metrics import CHRF

from common.evaluation.metrics import scripts

METRICS = {"bleu": BLEU, "chrf": CHRF}


def tokenizer_of(references: np.ndarray) -> str:
    """Returns the name of sacreBLEU's tokenizer for the script of texts.

    Args:
      references: bytes (sentences,), UTF-8.
    """
    script = scripts.unspaced_script("".join(_texts(references)))
    if script == "":
        return "13a"
    if script == "japanese" and _has_mecab():
        return "ja-mecab"
    return "zh" if script == "chinese" else "char"


@functools.cache
def _has_mecab():
    return all(map(importlib.util.find_spec, ("MeCab", "ipadic")))


def statistics(
    translations: np.ndarray, references: np.ndarray
) -> dict[str, np.ndarray]:
    """Returns the counts of each sentence by metric, int (sentences, ...).

    Args:
      translations: bytes (sentences,), UTF-8.
      references: The same, one for each translation. Their script chooses
        the tokenizer of BLEU.
    """
    metrics = {"bleu": BLEU(tokenize=tokenizer_of(references)), "chrf": CHRF()}
    translations, references = _texts(translations), _texts(references)
    return {
        name: sentence_statistics(metric, translations, references)
        for name, metric in metrics.items()
    }


def corpus_scores(statistics: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns BLEU and chrF, 0 to 100: cased, detokenized.

    Args:
      statistics: See the function of that name.
    """
    return {
        name: score_of_sums(metric(), statistics[name].sum(0))
        for name, metric in METRICS.items()
    }


def signatures(tokenizer: str = "13a") -> list[str]:
    """Returns sacreBLEU's signature of each metric.

    Args:
      tokenizer: Of BLEU; see `tokenizer_of`.
    """
    lines = []
    for metric in (BLEU(tokenize=tokenizer), CHRF()):
        # It takes the number of references from the last score.
        name = metric.corpus_score(["a"], [["a"]]).name
        lines.append(f"{name}|{metric.get_signature()}")
    return lines


def equal_parts(
    translations: np.ndarray,
    references: np.ndarray,
    parts_of: Callable[[str], list[str]],
) -> np.ndarray:
    """Returns whether each translation has the parts of its reference.

    Args:
      translations: bytes (sentences,), UTF-8.
      references: The same, one for each translation.
      parts_of: Returns certain words of a text.

    Returns:
      (sentences,): 0 or 1; NaN where the reference has no such part.
    """
    rows = []
    for translation, reference in zip(_texts(translations), _texts(references)):
        expected = parts_of(reference)
        equal = float(parts_of(translation) == expected)
        rows.append(equal if expected else np.nan)
    return np.array(rows)


def sentence_statistics(
    metric, translations: list[str], references: list[str]
) -> np.ndarray:
    """Returns the counts of each sentence; sacreBLEU has no public name."""
    return np.array(
        metric._extract_corpus_statistics(translations, [references])
    )


def score_of_sums(metric, sums: np.ndarray) -> float:
    """Returns the score of summed counts; sacreBLEU has no public name."""
    return float(metric._compute_score_from_stats(sums.tolist()).score)


def _texts(texts):
    return [text.decode(errors="replace") for text in texts]
