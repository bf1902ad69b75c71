"""Accuracy, F1, ROC AUC and log loss, next to NB-SVM."""

from apps.sentiment import baselines
from common.evaluation.evaluation import Evaluation
from common.evaluation.metric import Metric
from common.evaluation.metrics import classification


class SentimentEvaluation(Evaluation):
    """Scores the probabilities that texts are positive."""

    primary_metric = Metric("accuracy", "Share of texts classified correctly.")
    metrics = (
        primary_metric,
        Metric("f1", "F1 of the positive class at the threshold 0.5."),
        Metric(
            "roc_auc",
            "Probability that a positive text ranks above a negative one.",
        ),
        Metric(
            "log_loss",
            "Mean negative log-likelihood of the labels.",
            lower_is_better=True,
            unit="nats",
        ),
    )

    def per_example(self, y, outputs):
        return {"label": y["label"], "positive": outputs["positive"]}

    def aggregate(self, statistics):
        arguments = statistics["label"], statistics["positive"]
        return {
            "accuracy": classification.accuracy(*arguments),
            "f1": classification.f1(*arguments),
            "roc_auc": classification.roc_auc(*arguments),
            "log_loss": classification.log_loss(*arguments),
        }

    def baselines(self, model):
        splits = [
            self.app.examples(name) for name in ("train", "valid", "test")
        ]
        return {"NB-SVM": {"positive": baselines.probabilities(*splits)}}
