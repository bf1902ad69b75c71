"""What an app supplies to be evaluated: metrics, statistics, baselines."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from common.data import batching
from common.evaluation.metric import LOSS
from common.evaluation.metric import Metric

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from common.app import App
    from common.app_model import AppModel

    Arrays = dict[str, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Notes:
    """What a report says besides its metrics.

    Attributes:
      sentences: Printed below the table, and in the model card.
      details: Further entries of metrics.json.
    """

    sentences: list[str] = dataclasses.field(default_factory=list)
    details: dict = dataclasses.field(default_factory=dict)


class Evaluation(abc.ABC):
    """Turns answers into metrics, next to those of baselines.

    Called in this order by `common.evaluation.evaluate`: `predict` for the
    model and `baselines` for the others; `per_example` once for each of them;
    `aggregate` on all examples and on a thousand resampled test sets; `notes`
    at the end. Where a metric selects the epoch, `predict`, `per_example` and
    `aggregate` also run on the validation split after each epoch.

    Attributes:
      primary_metric: Decides whether the model is better than a baseline.
      metrics: All metrics that `aggregate` may return, the primary one
        included. A metric that is not declared is an error.
      app: The app; its config and examples.
    """

    primary_metric: Metric
    metrics: tuple[Metric, ...]

    def __init__(self, app: App):
        self.app = app
        self.config = app.config

    def predict(
        self,
        model: AppModel,
        examples: tf.data.Dataset,
        after_batch: Callable[[], None] = lambda: None,
    ) -> tuple[Arrays, Arrays]:
        """Returns the targets and the answers of the model.

        Override it where the answer to an example depends on the examples
        before it, or where the targets are needed, e.g. for a perplexity.

        Args:
          model: The trained model.
          examples: Raw examples.
          after_batch: Called after each batch.

        Returns:
          Two dicts of arrays, each (examples, ...): `y` as it is in the data
          set, and what `serve` returns.
        """
        return batching.predictions(
            model, examples, self.config.batch_size, after_batch
        )

    @abc.abstractmethod
    def per_example(self, y: Arrays, outputs: Arrays) -> Arrays:
        """Returns the statistics of each example, (examples, ...) each.

        They are computed once and aggregated for each resampled test set.

        Args:
          y: Targets.
          outputs: Answers of the model or of a baseline.
        """

    @abc.abstractmethod
    def aggregate(self, statistics: Arrays) -> dict[str, float]:
        """Returns the metrics of some examples by name.

        Args:
          statistics: See `per_example`.
        """

    @abc.abstractmethod
    def baselines(self, model: AppModel) -> dict[str, Arrays]:
        """Returns the answers of each baseline to the test examples, by name.

        Baselines may learn from the training and validation examples.

        Args:
          model: The trained model, for a baseline that uses its features.
        """

    def clusters(self, y: Arrays) -> np.ndarray | None:
        """Returns a cluster id per example; None if they are independent.

        The bootstrap resamples whole clusters.
        """
        return None

    def notes(
        self, y: Arrays, statistics: Arrays, baselines: dict[str, Arrays]
    ) -> Notes:
        """Returns sentences and details that complete the report.

        Args:
          y: Targets.
          statistics: Of the model; see `per_example`.
          baselines: Statistics of each baseline by name.
        """
        return Notes()

    @property
    def epoch_metric(self) -> Metric:
        """The metric of the validation split that selects the epoch."""
        return next((m for m in self.metrics if m.selects_epoch), LOSS)

    def measure(self, statistics: Arrays) -> dict[str, float]:
        """Returns the aggregated metrics, and checks that they are declared."""
        values = self.aggregate(statistics)
        unknown = set(values) - {metric.name for metric in self.metrics}
        if unknown:
            raise ValueError(
                f"{type(self).__name__} returned metrics that it does not "
                f"declare: {', '.join(sorted(unknown))}."
            )
        return values
