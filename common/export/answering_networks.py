"""Lets exported networks be evaluated like a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from common.export.networks import Run


class AnsweringNetworks:
    """Exported networks with the `serve` function of a model.

    Args:
      answer: Function of `Networks` that returns the outputs of `serve`.
      run: Runs the networks.
    """

    def __init__(
        self, answer: Callable[[Run, dict[str, tf.Tensor]], dict], run: Run
    ):
        self._answer, self._run = answer, run

    def serve(self, **x: tf.Tensor) -> dict[str, Any]:
        """Returns the outputs of `AppModel.serve`."""
        rows = len(next(iter(x.values())))
        answers = [
            self._answer(self._run, {n: v[i : i + 1] for n, v in x.items()})
            for i in range(rows)
        ]
        return {
            name: tf.concat([answer[name] for answer in answers], 0)
            for name in answers[0]
        }
