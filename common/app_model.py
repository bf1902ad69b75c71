"""What the model of an app supplies, besides being a keras.Model."""

from __future__ import annotations

import abc
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from common.config import Config

if TYPE_CHECKING:
    import tensorflow as tf


class AppModel(abc.ABC):
    """What the model of an app can do besides being a keras.Model.

    Declare it as `class Classifier(AppModel, keras.Model)`.

    Attributes:
      buckets: lengths, ascending: a training batch holds examples of which
        the longest part lies between two of them, so that little is padding.
        What XLA compiled for the layers serves batches of like length.
    """

    buckets = (16, 24, 32, 48, 64, 96, 128, 192, 256, 320, 384, 512, 768, 1024)

    @classmethod
    @abc.abstractmethod
    def create(cls, config: Config, train: tf.data.Dataset) -> AppModel:
        """Returns a compiled model; vocabularies and scales come from `train`.

        Args:
          config: the options of the run.
          train: the raw training examples.
        """

    @abc.abstractmethod
    def preprocess(self, x: dict[str, tf.Tensor], y: tf.Tensor) -> tuple:
        """Turns raw examples into inputs, targets[, weight] of a step.

        Runs inside tf.data, on a batch; what differs in length is ragged.
        `common.data` makes batches of like length of it.
        """

    def prepare(self, examples: tf.data.Dataset) -> None:
        """Sees all raw examples of a split before `preprocess` does.

        To do once what is too slow for each epoch; runs outside the graph.
        """
        return

    def fetch(self, *batch) -> tuple:
        """Returns a batch of what `preprocess` returned, as a step takes it.

        To read in what is too large to be kept in memory; runs inside
        tf.data.
        """
        return batch

    def in_order(
        self, examples: tf.data.Dataset, batch_size: int
    ) -> Callable[[tf.Tensor | None], tf.data.Dataset] | None:
        """Returns what makes the batches of an epoch, where order matters.

        For a model that goes on in a batch where the one before it ended. What
        is returned takes the seed of the epoch, None in validation; all epochs
        have as many batches. None: examples of like length make a batch, in
        an order that is drawn.
        """
        return None

    def validated(
        self, history: list[dict[str, float]]
    ) -> contextlib.AbstractContextManager:
        """Returns a context in which an epoch is validated, and maybe kept.

        To validate and keep other weights than those that training goes on
        from, such as their mean. Whether these are in place must be told by a
        variable of the model or the optimizer: a run may go on within.

        Args:
          history: of the epochs; that of this one is there at the end.
        """
        return contextlib.nullcontext()

    @abc.abstractmethod
    def serve(self, **x: tf.Tensor) -> dict[str, tf.Tensor]:
        """Turns a raw batch into named answers, one a row.

        Must be a `tf.function` with an input signature: it becomes the
        signature `serving_default` of the SavedModel.
        """

    def signatures(self) -> dict[str, Callable]:
        """Returns the further signatures of the SavedModel, by their names."""
        return {}

    def assess(
        self, x: dict[str, tf.Tensor], y: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Returns what can be told of a raw batch only with its targets.

        Such as their log probability; a value a row. `App.score` gets it
        beside the answers.
        """
        return {}
