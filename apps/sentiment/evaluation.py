"""Accuracy, F1, ROC AUC and log loss, next to NB-SVM."""

import numpy as np

from apps.sentiment import baselines
from common.errors import UserError
from common.evaluation.evaluation import Evaluation
from common.evaluation.metric import Metric
from common.evaluation.metrics import classification


class SentimentEvaluation(Evaluation):
    """Scores the probabilities that texts are positive, or of named labels."""

    primary_metric = Metric("accuracy", "Share of texts classified correctly.")
    metrics = (
        primary_metric,
        Metric("f1", "F1 of the positive class at the threshold 0.5."),
        Metric(
            "macro_f1", "Mean over the labels of the F1 of each; of names only."
        ),
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
        if "probabilities" in outputs:
            probabilities = outputs["probabilities"]
            is_target = y["label"][:, None] == outputs["labels"]
            unknown = y["label"][~is_target.any(1)]
            if len(unknown):  # Of data that the model was not trained on.
                raise UserError(
                    f"The model has no label {unknown[0].decode()!r}: rename "
                    "or remove it."
                )
            return {
                "target": is_target.argmax(1),
                "predicted": probabilities.argmax(1),
                "likelihood": (probabilities * is_target).sum(1),
            }
        return {"label": y["label"], "positive": outputs["positive"]}

    def aggregate(self, statistics):
        if "target" in statistics:
            arguments = statistics["target"], statistics["predicted"]
            return {
                "accuracy": float(np.mean(np.equal(*arguments))),
                "macro_f1": classification.macro_f1(*arguments),
                "log_loss": classification.log_loss(
                    np.ones(len(arguments[0])), statistics["likelihood"]
                ),
            }
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
        labels = model.arguments.labels
        probabilities = baselines.probabilities(*splits, labels)
        if not labels:
            return {"NB-SVM": {"positive": probabilities}}
        names = np.array([label.encode() for label in labels], object)
        return {
            "NB-SVM": {
                "labels": np.broadcast_to(names, probabilities.shape),
                "probabilities": probabilities,
            }
        }
