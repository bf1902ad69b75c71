"""BLEU, ROUGE-L and CIDEr-D, next to captions of training pictures."""

import collections
import dataclasses
import functools

import numpy as np

from apps.captioning.baselines import consensus
from apps.captioning.baselines import known_captions
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
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
            [tokens_of(text) for text in known_captions.without_empty(captions)]
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
                float(is_accurate(caption.decode(), _texts(texts)))
                for caption, texts in zip(generated, references)
            ]
        )

    @functools.cached_property
    def _training_captions(self):
        """The words of each caption of the training split."""
        captions = {
            text
            for texts in known_captions.captions_of(self.app.examples("train"))
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
        self._choice = consensus.KnownPictures(model, train).choose(valid)
        known = train.concatenate(valid)
        pictures = consensus.KnownPictures(model, known)
        return {
            "nearest pictures": {
                "caption": pictures.captions(test, self._choice)
            },
            "most common": {"caption": known_captions.most_common(known, test)},
        }

    def notes(self, y, statistics, baselines):
        count, feature = self._choice.count, self._choice.feature
        pictures = f"{count} nearest pictures" if count > 1 else "nearest one"
        return Notes(
            [
                f"Nearest pictures: the consensus caption of the {pictures} "
                f"by the {feature}, chosen on the validation split."
            ],
            {"nearest_pictures": dataclasses.asdict(self._choice)},
        )

    def clusters(self, y):
        meaning = self.app.dataset.meaning
        if meaning is None:
            return None
        numbers = {}  # Of each scene, which may be drawn several times.
        return np.array(
            [
                numbers.setdefault(meaning(_texts(captions)), len(numbers))
                for captions in y["captions"]
            ]
        )


def _texts(captions):
    """Returns the captions of a picture as strings."""
    return [text.decode() for text in known_captions.without_empty(captions)]


def tokens_of(caption: bytes) -> list[str]:
    """Returns the words of a caption."""
    return caption_metrics.caption_tokens(caption.decode(errors="replace"))
