"""What the model of an app supplies, besides being a keras.Model."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from typing import Self

from common.config import Config

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


class AppModel(abc.ABC):
    """Base class of the models of apps.

    Declare a model as `class Classifier(AppModel, keras.Model)`. Its arguments
    are one frozen dataclass. Called in this order: `create`, `with_decoding`,
    `batches` (which calls `preprocess`), Keras's own `call`, `compute_loss`
    and `test_step`, then `serve` and `signatures`. After loading, only
    `with_decoding`, `serve` and `signatures` are called.
    """

    if TYPE_CHECKING:
        count_params: Callable[[], int]  # Of keras.Model.

    @classmethod
    @abc.abstractmethod
    def create(
        cls, config: Config, train: tf.data.Dataset, steps_per_epoch: int
    ) -> AppModel:
        """Returns a new, compiled model.

        Args:
          config: The options of the run.
          train: The raw training examples; vocabularies and scales are
            learned from them.
          steps_per_epoch: For learning-rate schedules; the number of batches
            that hold all examples once.
        """

    @abc.abstractmethod
    def preprocess(
        self, x: dict[str, tf.Tensor], y: dict[str, tf.Tensor]
    ) -> tuple:
        """Returns inputs, targets[, weights] of a training step.

        Runs inside tf.data, on a batch of raw examples; what differs in length
        is ragged.
        """

    def batches(
        self, examples: tf.data.Dataset, batch_size: int
    ) -> Callable[[tf.Tensor | None], tf.data.Dataset]:
        """Returns a function from the seed of an epoch to its batches.

        Without a seed, they are in the order of the data set. All epochs have
        the same number of batches. Override it to choose the length buckets,
        to cache features, or where a batch continues the one before it.

        Args:
          examples: Raw examples of a split.
          batch_size: Examples of a batch.
        """
        from common.data import batching

        return batching.by_length(examples, self.preprocess, batch_size)

    def with_decoding(self, config: Config) -> AppModel:
        """Returns the model that answers with the decoding options of a run.

        Called once, before the first answer. Override it where `serve` depends
        on options that may differ between two commands, e.g. a beam width.
        """
        return self

    @abc.abstractmethod
    def serve(self, **x: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns named answers to a batch of raw inputs, one per row.

        Must be a `tf.function` with an input signature: it becomes the
        signature `serving_default` of the SavedModel.
        """

    def signatures(self) -> dict[str, Callable]:
        """Returns further signatures of the SavedModel by name."""
        return {}


class NamedRows(NamedTuple):
    """Variables with a row for each word, label or the like.

    Attributes:
      names: A name for each row, in order.
      variables: Each with the axis along which its rows are.
    """

    names: Sequence[Hashable]
    variables: Sequence[tuple[keras.Variable, int]]


class TextEncoder(NamedTuple):
    """The part of a model that reads texts.

    Attributes:
      words: Names of the rows of the embedding, and its variable.
      layers: The embedding, then the recurrent layers from the first on.
    """

    words: NamedRows
    layers: Sequence[keras.Layer]


def embedding_rows(
    embedding: keras.layers.ReversibleEmbedding,
) -> list[tuple[keras.Variable, int]]:
    """Returns the `variables` of the `NamedRows` of an embedding."""
    if embedding.tie_weights:
        return [(embedding.embeddings, 0)]
    return [(embedding.embeddings, 0), (embedding.reverse_embeddings, 1)]


def dense_columns(
    layer: keras.layers.Dense,
) -> list[tuple[keras.Variable, int]]:
    """Returns the `variables` of the `NamedRows` of the outputs of a layer."""
    if not layer.use_bias:
        return [(layer.kernel, 1)]
    return [(layer.kernel, 1), (layer.bias, 0)]


class VocabularyModel(AppModel):
    """Base class of models with words, labels or the like.

    A run that starts from another one (`--start_from`) takes the rows of their
    names, wherever they are, and has new rows for other names.
    """

    @classmethod
    @abc.abstractmethod
    def create(
        cls,
        config: Config,
        train: tf.data.Dataset,
        steps_per_epoch: int,
        start: Self | None = None,
    ) -> AppModel:
        """Returns a new, compiled model.

        Args:
          config: See `AppModel.create`.
          train: See `AppModel.create`.
          steps_per_epoch: See `AppModel.create`.
          start: The model of `--start_from`. Vocabularies learned from texts
            begin with its own. Its weights are copied later.
        """

    def encoder(self) -> TextEncoder:
        """Returns the part that reads texts.

        Override it in models that start from runs of another app, and in the
        models of that app; see `TransferApp`. Called when the variables
        exist.
        """
        raise NotImplementedError

    @abc.abstractmethod
    def named_rows(self) -> dict[str, NamedRows]:
        """Returns the variables with named rows by the kind of the names.

        A kind is for example "words". Called when the variables exist.
        """


def arguments_from(arguments_class: type, config: Config, **values: Any) -> Any:
    """Returns the dataclass of a model's arguments.

    Args:
      arguments_class: A frozen dataclass.
      config: Supplies the fields that are options of the app.
      **values: The other fields.
    """
    names = [field.name for field in dataclasses.fields(arguments_class)]
    options = {n: getattr(config, n) for n in names if n not in values}
    return arguments_class(**options, **values)


def split_config(arguments_class: type, config: dict) -> tuple[Any, dict]:
    """Splits a Keras config into a model's arguments and those of Keras.

    Args:
      arguments_class: The dataclass of the arguments, which `get_config`
        stored field by field.
      config: What `get_config` returned.
    """
    names = {field.name for field in dataclasses.fields(arguments_class)}
    own = {name: value for name, value in config.items() if name in names}
    rest = {name: value for name, value in config.items() if name not in names}
    return arguments_class(**own), rest
