"""Compares exported networks with those in TensorFlow on test examples."""

from __future__ import annotations

import collections
import dataclasses
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
import tensorflow as tf

from common.errors import UserError
from common.export.networks import Networks

if TYPE_CHECKING:
    from common.export.networks import Arrays

EXAMPLES = 100
TOLERANCE = 1e-4  # Of logits.


class Runner:
    """Runs networks, and measures the time of each call.

    Args:
      networks: The networks, which declare the types of their inputs.
      functions: For each network, a function from its inputs to its outputs.
    """

    def __init__(
        self,
        networks: Networks,
        functions: dict[str, Callable[[Arrays], Arrays]],
    ):
        self._functions = functions
        self._types = {
            name: {spec.name: spec.dtype for spec in part.inputs}
            for name, part in networks.parts.items()
        }
        self._seconds: dict[str, list[float]] = collections.defaultdict(list)

    def __call__(self, network: str, **inputs: Any) -> Arrays:
        """Returns the outputs of a network; see `networks.Run`."""
        types = self._types[network]
        arrays = {
            name: np.asarray(value, types[name].as_numpy_dtype)
            for name, value in inputs.items()
        }
        start = time.perf_counter()
        outputs = self._functions[network](arrays)
        self._seconds[network].append(time.perf_counter() - start)
        return outputs

    def milliseconds(self) -> dict[str, float]:
        """Returns the median time of a call of each network."""
        return {
            name: 1000 * statistics.median(seconds)
            for name, seconds in self._seconds.items()
        }


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Differences of logits between exported networks and TensorFlow.

    Attributes:
      examples: Number of test examples.
      largest_difference: Largest absolute difference of a logit; infinite if
        one is not a number, or if the shapes differ.
      milliseconds: Median time of a call of each exported network.
      tensorflow_milliseconds: Median time of a call in TensorFlow.
    """

    examples: int
    largest_difference: float
    milliseconds: dict[str, float]
    tensorflow_milliseconds: dict[str, float]

    def require_equal(self) -> None:
        """Raises a UserError if a logit differs by more than `TOLERANCE`."""
        if self.largest_difference <= TOLERANCE:
            return
        raise UserError(
            f"A logit of the exported network differs by "
            f"{self.largest_difference:.2g} from the model's on "
            f"{self.examples} test examples, and {TOLERANCE:g} is allowed: "
            "nothing was written. Use another --format."
        )


def compare(
    networks: Networks,
    functions: dict[str, Callable[[Arrays], Arrays]],
    examples: tf.data.Dataset,
) -> Comparison:
    """Returns the comparison of exported networks with those of TensorFlow.

    Args:
      networks: The networks of the model.
      functions: Functions that run the exported files; see `Runner`.
      examples: Raw test examples; the first `EXAMPLES` are run.
    """
    exported = Runner(networks, functions)
    reference = Runner(networks, in_tensorflow(networks))
    differences = [
        _difference(
            np.asarray(networks.logits(exported, x, y)),
            np.asarray(networks.logits(reference, x, y)),
        )
        for x, y in examples.take(EXAMPLES).batch(1)
    ]
    return Comparison(
        len(differences),
        max(differences),
        exported.milliseconds(),
        reference.milliseconds(),
    )


def in_tensorflow(
    networks: Networks,
) -> dict[str, Callable[[Arrays], Arrays]]:
    """Returns the networks as functions of arrays."""
    return {name: _of_arrays(part) for name, part in networks.parts.items()}


def _of_arrays(network):
    function = tf.function(network.function, network.inputs, autograph=False)

    def run(inputs):
        tensors = [tf.constant(inputs[spec.name]) for spec in network.inputs]
        return {n: value.numpy() for n, value in function(*tensors).items()}

    return run


def _difference(logits, expected):
    if logits.shape != expected.shape:
        return float("inf")
    difference = float(np.max(np.abs(logits - expected), initial=0.0))
    return difference if np.isfinite(difference) else float("inf")
