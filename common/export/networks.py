"""The networks of a model for other runtimes: numbers in, numbers out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol
from typing import runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    Arrays = dict[str, np.ndarray]


class Run(Protocol):
    """Runs networks, in TensorFlow or in another runtime."""

    def __call__(self, network: str, **inputs: Any) -> Arrays:
        """Returns the outputs of a network by name.

        Args:
          network: A key of `Networks.parts`.
          **inputs: Arrays or tensors; cast to the types that it declares.
        """


@dataclasses.dataclass(frozen=True)
class Network:
    """A function that keeps nothing between two calls: states are arguments.

    Attributes:
      function: Takes the tensors of `inputs` in their order; returns a dict of
        tensors. No strings, and nothing that is random.
      inputs: A spec with a name for each argument. The first axis is the
        batch; other sizes that are None may differ between two calls.
    """

    function: Callable[..., dict[str, tf.Tensor]]
    inputs: list[tf.TensorSpec]


@dataclasses.dataclass(frozen=True)
class Networks:
    """The parts of a model between its tokenizer and its answer.

    Attributes:
      parts: The networks by name; each becomes a file.
      files: Contents of the JSON files beside them, by file name without the
        ending: the vocabulary, and settings of the preprocessing.
      logits: Function of a `Run` and a test example (`x` and `y`, batches of
        one row) that returns an array of all logits. The next states are
        those of the networks; the tokens are those of the example, so that a
        near tie between two tokens does not change the comparison.
      answer: Function of a `Run` and inputs (a batch of one row) that returns
        the outputs of `serve`. It is used to score 8-bit networks; None if the
        evaluation of the app needs more than these outputs.
    """

    parts: dict[str, Network]
    files: dict[str, Any]
    logits: Callable[[Run, dict[str, tf.Tensor], dict[str, tf.Tensor]], Any]
    answer: Callable[[Run, dict[str, tf.Tensor]], dict[str, Any]] | None = None


def named_next(
    names: Iterable[str], states: Iterable[tf.Tensor]
) -> dict[str, tf.Tensor]:
    """Returns states by the names of outputs: "next_" and the input's name.

    In ONNX, an input and an output cannot have the same name.
    """
    return {f"next_{name}": s for name, s in zip(names, states, strict=True)}


def read_next(names: Iterable[str], outputs: Arrays) -> Arrays:
    """Returns the states among outputs by the names of inputs."""
    return {name: outputs[f"next_{name}"] for name in names}


@runtime_checkable
class PortableModel(Protocol):
    """A model that other runtimes can run in part: an `AppModel` with this."""

    def networks(self) -> Networks:
        """Returns the networks and the files beside them.

        Raises:
          UserError: A model with these options cannot be exported.
        """
