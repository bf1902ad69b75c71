"""Perplexity, next to those of n-gram models."""

import functools
import math

import numpy as np

from apps.language_model.baselines import ngram_models
from apps.language_model.evaluation import adaptation
from apps.language_model.evaluation import cache
from apps.language_model.evaluation import dynamic_evaluation
from apps.language_model.evaluation import figures
from common.data import batching
from common.evaluation import plots
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric
from common.evaluation.metrics import language
from common.text.ngrams import tokenized_text

# Each kind of log probability, as the ending of its statistic
# "log_probability" and of its metric "perplexity".
KINDS = ("", "_dynamic", "_cache", "_dynamic_cache", "_floor")
# Of the kinds that are tuned: a title and the settings.
TUNED = {
    "_dynamic": (
        "Dynamic evaluation",
        dynamic_evaluation.DynamicSettings._fields,
    ),
    "_cache": ("Cache", cache.CacheSettings._fields),
    "_dynamic_cache": (
        "Dynamic evaluation with cache",
        cache.CacheSettings._fields,
    ),
}


class LanguageModelEvaluation(Evaluation):
    """Scores the probability of the test text.

    It is read in order, with the states carried from the first token to the
    last; the ends of lines count as tokens.
    """

    primary_metric = Metric(
        "perplexity",
        "Exp of the mean negative log-likelihood of a token.",
        lower_is_better=True,
    )
    metrics = (
        primary_metric,
        Metric(
            "perplexity_dynamic",
            "Perplexity with dynamic evaluation.",
            lower_is_better=True,
        ),
        Metric(
            "perplexity_cache",
            "Perplexity with a continuous cache.",
            lower_is_better=True,
        ),
        Metric(
            "perplexity_dynamic_cache",
            "Perplexity with dynamic evaluation and a continuous cache.",
            lower_is_better=True,
        ),
        Metric(
            "perplexity_floor",
            "Perplexity of the true distribution of the sample: the lowest "
            "that is possible.",
            lower_is_better=True,
        ),
        Metric(
            "nats_per_token",
            "Mean negative log-likelihood of a token.",
            lower_is_better=True,
            unit="nats",
        ),
        Metric(
            "bits_per_character",
            "Mean negative log2-likelihood of a character.",
            lower_is_better=True,
            unit="bits",
        ),
        Metric(
            "above_floor",
            "Relative excess of the perplexity over the floor.",
            lower_is_better=True,
        ),
    )

    def predict(self, model, examples, after_batch=lambda: None):
        """Returns the lines and their log probabilities; see `per_example`."""
        text = functools.cache(functools.partial(self._text, model))
        test = tokenized_text.tokenize(examples, model.preprocess)
        adapted = adaptation.read(
            model,
            test.ids,
            self.config.cache_size,
            self.config.dynamic,
            lambda split: text(split).ids,
        )
        outputs = {"tokens": test.lengths}
        for kind, reading in adapted.items():
            outputs[f"log_probability{kind}"] = test.sums_by_line(
                reading.log_probabilities
            )
            for name, value in reading.settings.items():
                outputs[f"{name}{kind}"] = np.full(len(test.lengths), value)
        if self.config.plot:
            self._plot(adapted, text("train"), text("valid"), test, model)
        return batching.targets(examples), outputs

    def per_example(self, y, outputs):
        """Returns the statistics of each line.

        "tokens" is their number, "log_probability" and its variants, one for
        each of `KINDS`, are in nats. The settings of `TUNED` are the same for
        all lines.
        """
        true = [
            self.app.dataset.log_probability(line.decode())
            for line in y["text"]
        ]
        if None in true:
            return outputs
        return {**outputs, "log_probability_floor": np.array(true)}

    def aggregate(self, statistics):
        metrics = {
            f"perplexity{kind}": language.perplexity(
                statistics[f"log_probability{kind}"], statistics["tokens"]
            )
            for kind in KINDS
            if f"log_probability{kind}" in statistics
        }
        nats = math.log(metrics["perplexity"])
        if self.config.level == "character":
            metrics["bits_per_character"] = nats / math.log(2)
        else:
            metrics["nats_per_token"] = nats
        if "perplexity_floor" in metrics:
            ratio = metrics["perplexity"] / metrics["perplexity_floor"]
            metrics["above_floor"] = ratio - 1
        return metrics

    def baselines(self, model):
        texts = [
            self._text(model, split) for split in ("train", "valid", "test")
        ]
        test = texts[-1]
        return {
            name: {
                "tokens": test.lengths,
                "log_probability": test.sums_by_line(log_probabilities),
            }
            for name, log_probabilities in self._ngrams(model, *texts).items()
        }

    def notes(self, y, statistics, baselines):
        """Returns the settings that were tuned on the validation text."""
        settings = {
            kind: {
                name: float(statistics[f"{name}{kind}"][0]) for name in names
            }
            for kind, (_, names) in TUNED.items()
            if f"log_probability{kind}" in statistics
        }
        sentences = [
            f"{TUNED[kind][0]}: "
            f"{', '.join(f'{name} {v:g}' for name, v in values.items())}, "
            "tuned on the validation text."
            for kind, values in settings.items()
        ]
        details = {kind.strip("_"): values for kind, values in settings.items()}
        return Notes(sentences, {"tuned": details} if details else {})

    def _text(self, model, split):
        examples = self.app.examples(split)
        return tokenized_text.tokenize(examples, model.preprocess)

    def _ngrams(self, model, train, valid, test):
        return ngram_models.log_probabilities(
            train,
            valid,
            test,
            model.vocabulary.size(),
            self.config.ngram_order,
        )

    def _plot(self, adapted, train, valid, test, model):
        """Draws the losses of the model next to those of the n-grams."""
        curves = {
            kind.strip("_") or "network": reading.log_probabilities
            for kind, reading in adapted.items()
        }
        curves |= self._ngrams(model, train, valid, test)
        size = model.vocabulary.size()
        counts = np.bincount(train.ids, minlength=size)
        path = self.app.run_dir / "plots" / "losses.png"
        plots.save(figures.losses(curves, test, counts), path)
        print(f"See {path}")
