"""The state of streams, which the caller keeps between two calls."""

from typing import NamedTuple

import tensorflow as tf

from apps.speech.model import features as features_lib
from common.audio import normalization
from common.audio import wav
from common.generation.ctc import beams as beams_lib

# Outputs of `start` and `step` that the next call takes, in order; then the
# recurrent states.
NAMES = (
    *("last_samples", "frame_counts", "frame_sums", "frame_squares"),
    *("last_frames", "last_states", *beams_lib.Beams._fields),
)
# Of them, those whose number of samples, frames or steps varies.
VARYING = ("last_samples", "last_frames", "last_states")
# Far above any value that a stream has; products of them remain finite.
MAX_VALUE = 1e6
MAX_MEAN, MAX_SQUARE = 100.0, 1e4  # Of log-mel features.
# Log probabilities: those of missing prefixes are -1e30 and add up.
MIN_SCORE, MAX_SCORE = -1e37, 1e6
SCORES = ("blank", "label", "bonus")
ODD = "has a number that the model does not have"
REMEDY = "pass the outputs of start, or of the step before."


class State(NamedTuple):
    """What the next samples of streams need.

    Attributes:
      features: See `features.State`.
      encoder: See `Encoder.initial_state`.
      beams: See `beams_lib.Beams`.
    """

    features: features_lib.State
    encoder: list[tf.Tensor]
    beams: beams_lib.Beams

    def named(self) -> dict[str, tf.Tensor]:
        """Returns the tensors by name; see `NAMES`."""
        frames, pending, *recurrent = self.encoder
        samples, statistics = self.features
        tensors = [samples, *statistics, frames, pending, *self.beams]
        named = dict(zip(NAMES, tensors, strict=True))
        return named | {f"state_{i}": s for i, s in enumerate(recurrent)}


def of_tensors(tensors: list[tf.Tensor]) -> State:
    """Returns the state of the values of `State.named`."""
    samples, counts, sums, squares, frames, pending, *rest = tensors
    fields = len(beams_lib.Beams._fields)
    statistics = normalization.Statistics(counts, sums, squares)
    return State(
        features_lib.State(samples, statistics),
        [frames, pending, *rest[fields:]],
        beams_lib.Beams(*rest[:fields]),
    )


def spec(name: str, tensor: tf.Tensor) -> tf.TensorSpec:
    """Returns the spec of a tensor of a state of one stream."""
    shape = [None, *tensor.shape[1:]]
    if name in VARYING:
        shape[1] = None
    return tf.TensorSpec(shape, tensor.dtype, name)


def checked(
    tensors: dict[str, tf.Tensor],
    rows: tf.Tensor,
    limits: dict[str, tf.Tensor],
) -> dict[str, tf.Tensor]:
    """Returns a state that a client sent, clipped to what cannot overflow.

    The values of a state that `start` or `step` returned stay as they are.

    Args:
      tensors: By name; see `State.named`.
      rows: Number of streams.
      limits: By name, the numbers that integers must be below.

    Raises:
      InvalidArgumentError: One of them has other rows, is not finite, or is
        outside its limits.
    """
    checks = [
        _check(tf.shape(tensor)[0] == rows, name, "has other rows")
        for name, tensor in tensors.items()
    ]
    checks += [
        _check(tf.math.is_finite(tensor), name, "is not finite")
        for name, tensor in tensors.items()
        if tensor.dtype.is_floating
    ]
    checks += [
        _check((tensors[name] >= 0) & (tensors[name] < limit), name, ODD)
        for name, limit in limits.items()
    ]
    counts = tensors["frame_counts"]
    checks.append(_check(counts >= 1, "frame_counts", "is below 1"))
    with tf.control_dependencies(checks):
        return {
            name: _clipped(name, tensor, counts)
            for name, tensor in tensors.items()
        }


def _check(condition, name, problem):
    message = f"{name} {problem}: {REMEDY}"
    return tf.debugging.Assert(tf.reduce_all(condition), [message])


def _clipped(name, tensor, counts):
    bounds = {
        "last_samples": (-wav.MAX_SAMPLE, wav.MAX_SAMPLE),
        "frame_counts": (1, 1e12),
        "frame_sums": (-MAX_MEAN * counts, MAX_MEAN * counts),
        "frame_squares": (0, MAX_SQUARE * counts),
        **dict.fromkeys(SCORES, (MIN_SCORE, MAX_SCORE)),
    }
    if not tensor.dtype.is_floating:
        return tf.identity(tensor)
    low, high = bounds.get(name, (-MAX_VALUE, MAX_VALUE))
    low, high = (tf.cast(bound, tensor.dtype) for bound in (low, high))
    return tf.clip_by_value(tensor, low, high)
