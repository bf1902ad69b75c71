"""BLEU, ROUGE-L and CIDEr-D, next to captions of training pictures."""

import collections
import functools

import numpy as np

from apps.captioning import baselines
from common.evaluation.evaluation import Evaluation
from common.evaluation.metric import Metric
from common.evaluation.metrics import captions as caption_metrics


class CaptioningEvaluation(Evaluation):
    """Scores captions against the captions that people wrote.

    A corpus metric is a mean or a ratio of per-caption statistics, so that a
    thousand resampled test sets can be scored.
    """

    primary_metric = Metric(
        "cider_d",
        "Similarity of n-grams to the references, by inverse document "
        "frequency; 0 to 10.",
        selects_epoch=True,
    )
    metrics = (
        *(
            Metric(
                f"bleu_{n}",
                f"Precision of n-grams up to {n} words, with brevity penalty.",
            )
            for n in range(1, 5)
        ),
        Metric(
            "rouge_l", "F-measure of the longest common subsequence of words."
        ),
        primary_metric,
        Metric("distinct_share", "Number of different captions per caption."),
        Metric("novel_share", "Share of captions not in the training split."),
        Metric(
            "accuracy",
            "Share of captions that describe all of a scene, and nothing that "
            "is wrong; for the sample only.",
        ),
    )

    def per_example(self, y, outputs):
        generated = outputs["caption"]
        candidates = [tokens_of(caption) for caption in generated]
        references = [
            [tokens_of(text) for text in baselines.without_empty(captions)]
            for captions in y["captions"]
        ]
        counts = collections.Counter(map(tuple, candidates))
        statistics = {
            "bleu": caption_metrics.bleu_counts(candidates, references),
            "rouge_l": caption_metrics.rouge_l(candidates, references),
            "cider_d": caption_metrics.cider_d(candidates, references),
            # They add up to the number of different captions.
            "distinct_share": np.array(
                [1 / counts[tuple(words)] for words in candidates]
            ),
            "novel_share": np.array(
                [
                    float(tuple(words) not in self._training_captions)
                    for words in candidates
                ]
            ),
        }
        if self.app.dataset.is_accurate:
            statistics["accuracy"] = self._accuracy(generated, y["captions"])
        return statistics

    def _accuracy(self, generated, references):
        is_accurate = self.app.dataset.is_accurate
        return np.array(
            [
                float(
                    is_accurate(
                        caption.decode(),
                        [t.decode() for t in baselines.without_empty(texts)],
                    )
                )
                for caption, texts in zip(generated, references)
            ]
        )

    @functools.cached_property
    def _training_captions(self):
        """The words of each caption of the training split."""
        captions = {
            text
            for texts in baselines.captions_of(self.app.examples("train"))
            for text in texts
        }
        return {tuple(tokens_of(caption)) for caption in captions}

    def aggregate(self, statistics):
        metrics = caption_metrics.bleu(statistics["bleu"].sum(0))
        for name, values in statistics.items():
            if name != "bleu":
                metrics[name] = float(np.mean(values))
        return metrics

    def baselines(self, model):
        train, valid, test = (
            self.app.examples(name) for name in ("train", "valid", "test")
        )
        known = train.concatenate(valid)
        nearest = baselines.nearest(model, known, test)
        return {
            "nearest picture": {"caption": nearest},
            "most common": {"caption": baselines.most_common(known, test)},
        }


def tokens_of(caption: bytes) -> list[str]:
    """Returns the words of a caption."""
    return caption_metrics.caption_tokens(caption.decode(errors="replace"))
