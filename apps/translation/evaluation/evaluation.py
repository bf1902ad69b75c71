"""BLEU, chrF and perplexity, next to word-by-word translation."""

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
        statistics = scores.statistics(outputs["translation"], y["translation"])
        for name in ("log_probability", "tokens"):
            if name in outputs:  # Baselines have no probabilities.
                statistics[name] = outputs[name]
        return statistics

    def aggregate(self, statistics):
        metrics = scores.corpus_scores(statistics)
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
        return Notes(sentences=scores.signatures())
