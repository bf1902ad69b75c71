"""sacreBLEU and chrF, from what each sentence contributes to them.

A corpus score comes from counts that are added up over the sentences: counted
once, they are scored for a thousand samples of the sentences.

Reference: Papineni et al., BLEU: a Method for Automatic Evaluation of Machine
Translation, 2002; Popović, chrF: character n-gram F-score for automatic MT
evaluation, 2015; Post, A Call for Clarity in Reporting BLEU Scores, 2018.
"""

import numpy as np
from sacrebleu.metrics import BLEU
from sacrebleu.metrics import CHRF


def counts(
    translations: np.ndarray, references: np.ndarray
) -> dict[str, np.ndarray]:
    """Returns what each sentence contributes, int (sentences, ...).

    Args:
      translations: bytes (sentences,), UTF-8.
      references: the same, one for each translation.
    """
    translations = _texts(translations)
    references = [_texts(references)]
    return {
        "bleu": _counted(BLEU(), translations, references),
        "chrf": _counted(CHRF(), translations, references),
    }


def scores(counts: dict[str, np.ndarray]) -> dict[str, float]:
    """Returns BLEU and chrF, 0 to 100: cased, of text without tokens."""
    return {
        "bleu": _score(BLEU(), counts["bleu"]),
        "chrf": _score(CHRF(), counts["chrf"]),
    }


def signature() -> str:
    """Returns sacreBLEU's signatures: how the scores are computed."""
    lines = []
    for metric in (BLEU(), CHRF()):
        # It knows the number of references from the last score.
        name = metric.corpus_score(["a"], [["a"]]).name
        lines.append(f"{name}|{metric.get_signature()}")
    return "\n".join(lines)


def _texts(texts):
    return [text.decode(errors="replace") for text in texts]


# sacreBLEU's own bootstrap goes the same way; it has no public name for it.


def _counted(metric, translations, references):
    return np.array(metric._extract_corpus_statistics(translations, references))


def _score(metric, counts):
    found = metric._compute_score_from_stats(counts.sum(0).tolist())
    return float(found.score)
