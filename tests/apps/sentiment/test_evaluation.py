"""All declared metrics are computed from the probabilities."""

import types

import numpy as np
import pytest

from apps.sentiment.config import SentimentConfig
from apps.sentiment.evaluation.evaluation import SentimentEvaluation


def test_the_metrics_of_four_texts():
    evaluation = SentimentEvaluation(
        types.SimpleNamespace(config=SentimentConfig())
    )
    statistics = evaluation.per_example(
        {"label": np.array([1.0, 1.0, 0.0, 0.0])},
        {"positive": np.array([0.9, 0.4, 0.6, 0.1])},
    )
    metrics = evaluation.measure(statistics)
    declared = {metric.name for metric in evaluation.metrics}
    of_names = {"micro_f1", "macro_f1", "mean_absolute_error", "kappa"}
    assert set(metrics) == declared - of_names
    assert metrics == pytest.approx(
        {
            "accuracy": 0.5,
            "f1": 0.5,
            "roc_auc": 0.75,
            "log_loss": -np.log([0.9, 0.4, 0.4, 0.9]).mean(),
        }
    )
