"""BLEU, chrF, numbers and perplexity, next to word-by-word translation."""

import numpy as np

from apps.translation.baselines import copy
from apps.translation.baselines import ibm_model_1
from apps.translation.evaluation import scores
from common.data import batching
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric
from common.evaluation.metrics import language


class TranslationEvaluation(Evaluation):
    """Scores translations next to references, and the references themselves.

    Translations are made as `serve` makes them, in training too: with the
    beam of the run.
    """

    primary_metric = Metric(
        "bleu",
        "sacreBLEU of the translations: cased, detokenized, 0 to 100.",
        selects_epoch=True,
    )
    metrics = (
        primary_metric,
        Metric("chrf", "Character n-gram F-score, 0 to 100."),
        Metric("exact_match", "Share of translations equal to the reference."),
        Metric(
            "number_accuracy",
            "Of the sentences with numbers or dates, the share whose "
            "translation has exactly those of the reference; for the sample "
            "only.",
        ),
        Metric(
            "perplexity",
            "Exponential of the mean negative log-likelihood per token of the "
            "references, teacher-forced.",
            lower_is_better=True,
        ),
    )

    def predict(self, model, examples, after_batch=lambda: None):
        targets, outputs = [], []
        for x, y in examples.batch(self.config.batch_size).prefetch(2):
            answers = {**model.serve(**x), **model.assess(x, y)}
            targets.append({name: v.numpy() for name, v in y.items()})
            outputs.append({name: v.numpy() for name, v in answers.items()})
            after_batch()
        return batching.concatenated(targets), batching.concatenated(outputs)

    def per_example(self, y, outputs):
        pair = outputs["translation"], y["translation"]
        statistics = scores.statistics(*pair)
        statistics["exact_match"] = (pair[0] == pair[1]).astype(float)
        numbers = self.app.dataset.numbers
        if numbers:
            statistics["number_accuracy"] = scores.equal_parts(*pair, numbers)
        for name in ("log_probability", "tokens"):
            if name in outputs:  # Baselines have no probabilities.
                statistics[name] = outputs[name]
        return statistics

    def aggregate(self, statistics):
        metrics = scores.corpus_scores(statistics)
        metrics["exact_match"] = float(statistics["exact_match"].mean())
        if "number_accuracy" in statistics:
            values = statistics["number_accuracy"]
            values = values[~np.isnan(values)]
            metrics["number_accuracy"] = float(
                values.sum() / max(1, len(values))
            )
        if "tokens" in statistics:
            metrics["perplexity"] = language.perplexity(
                statistics["log_probability"], statistics["tokens"]
            )
        return metrics

    def baselines(self, model):
        train, valid, test = (
            self.app.examples(name) for name in ("train", "valid", "test")
        )
        lexical = ibm_model_1.translations(train.concatenate(valid), test)
        return {
            "IBM model 1": {"translation": lexical},
            "copy": {"translation": copy.translations(test)},
        }

    def notes(self, y, statistics, baselines):
        tokenizer = scores.tokenizer_of(y["translation"])
        return Notes(sentences=scores.signatures(tokenizer))
