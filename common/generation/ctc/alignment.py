"""Forced alignment: the frames of each token of a transcript."""

from typing import NamedTuple

import tensorflow as tf

from common.generation.ctc import loss

# Log probabilities: of a state that no path has reached, and the lowest one of
# a token; a sum of lowest ones stays above that of no path.
UNREACHED = -1e30
LOWEST = -1e6


class Alignment(NamedTuple):
    """Where the tokens of transcripts are in their recordings.

    Attributes:
      first: int32 (batch, labels); first frame of each token, -1 for padding.
      last: int32 (batch, labels); last frame of each token, -1 for padding.
      confidence: float32 (batch, labels); mean probability of the token over
        its frames, 0 for padding.
    """

    first: tf.Tensor
    last: tf.Tensor
    confidence: tf.Tensor


def align(
    log_probs: tf.Tensor,
    lengths: tf.Tensor,
    labels: tf.Tensor,
    label_lengths: tf.Tensor,
) -> Alignment:
    r"""Returns the frames of the tokens in the most probable path of labels.

    The states of a path are the labels and a blank before, between and after
    them, $2n + 1$ in all. With $y_t(s)$ the log probability of the token of
    state $s$ in frame $t$ (Viterbi),
    $\delta_t(s) = y_t(s) + \max(\delta_{t-1}(s), \delta_{t-1}(s-1),
    \delta_{t-1}(s-2))$, the last one if $s$ is a label other than that of
    $s - 2$. Impossible labels (see `loss.ctc_loss`) are treated as padding.
    The bits of a row do not depend on the other rows and the padding.

    Args:
      log_probs: float32 (batch, frames, 1 + tokens); token 0 is the blank.
      lengths: int32 (batch,); number of frames of each row.
      labels: int32 (batch, labels); tokens from 1, any values as padding.
      label_lengths: int32 (batch,).

    Reference: Graves et al., Connectionist Temporal Classification: Labelling
    Unsegmented Sequence Data with Recurrent Neural Networks, 2006. Rabiner, A
    Tutorial on Hidden Markov Models, 1989.
    """
    # At least one frame: there is no stack of none.
    missing = tf.cast(tf.shape(log_probs)[1] == 0, tf.int32)
    log_probs = tf.pad(log_probs, [[0, 0], [0, missing], [0, 0]])
    possible = loss.is_possible(labels, label_lengths, lengths)
    label_lengths = tf.where(possible, label_lengths, 0)
    is_label = tf.sequence_mask(label_lengths, tf.shape(labels)[1])
    labels = tf.where(is_label, labels, 0)
    tokens = _with_blanks(labels)
    steps, end = _forward(log_probs, lengths, tokens, _skip_scores(labels))
    is_frame = tf.sequence_mask(lengths, tf.shape(log_probs)[1])
    states = _backward(steps, _end_states(end, label_lengths))
    states = tf.where(is_frame, states, tf.shape(tokens)[1])
    return _frames_of_labels(log_probs, tokens, states, is_label)


def _with_blanks(labels):
    """Returns the tokens of all states, (batch, 2 labels + 1)."""
    batch, count = tf.shape(labels)[0], tf.shape(labels)[1]
    pairs = tf.stack([tf.zeros_like(labels), labels], 2)
    return tf.pad(tf.reshape(pairs, [batch, 2 * count]), [[0, 0], [0, 1]])


def _skip_scores(labels):
    """Returns 0 where a path may skip a blank, (batch, 2 labels + 1)."""
    before = tf.pad(labels, [[0, 0], [1, 0]])[:, :-1]
    differs = tf.cast(labels != before, labels.dtype)
    return tf.where(_with_blanks(differs) > 0, 0.0, UNREACHED)


def _sources(scores, skip_scores):
    """Returns scores of staying in a state, and of coming to it, (3, ...).

    Args:
      scores: (..., 2 + states); two more at the left, which no path reaches.
      skip_scores: See `_skip_scores`.
    """
    stay, step, skip = scores[..., 2:], scores[..., 1:-1], scores[..., :-2]
    return tf.stack([stay, step, skip + skip_scores])


def _forward(log_probs, lengths, tokens, skip_scores):
    """Returns the states from the one before, and the scores at the end.

    Scores are relative to the best state of each frame: so they stay near 0,
    where they are exact, in a long recording. There, the states take the most
    memory, a byte each.

    Args:
      log_probs: See `align`.
      lengths: The same.
      tokens: int32 (batch, states); see `_with_blanks`.
      skip_scores: See `_skip_scores`.

    Returns:
      int8 (frames, batch, states) and float32 (batch, 2 + states).
    """
    batch, states = tf.unstack(tf.shape(tokens))
    log_probs = tf.transpose(log_probs, [1, 0, 2])
    frames = tf.shape(log_probs)[0]
    unreached = tf.fill([batch, 2], UNREACHED)
    # Both first states are reached from the place before them.
    start = tf.one_hot(tf.ones([batch], tf.int32), states + 2, 0.0, UNREACHED)
    array = tf.TensorArray(tf.int8, frames, element_shape=[None, None])

    def body(time, scores, array):
        is_frame = time < lengths[:, None]
        sources = _sources(scores, skip_scores)
        step = tf.cast(tf.argmax(sources, 0, tf.int32), tf.int8)
        array = array.write(time, tf.where(is_frame, step, 0))
        emissions = tf.gather(log_probs[time], tokens, batch_dims=1)
        emissions -= tf.reduce_max(emissions, 1, keepdims=True)
        after = tf.reduce_max(sources, 0) + tf.maximum(emissions, LOWEST)
        after = tf.concat([unreached, after], 1)
        return time + 1, tf.where(is_frame, after, scores), array

    _, scores, array = tf.while_loop(
        lambda time, *_: time < frames,
        body,
        (0, start, array),
        shape_invariants=(
            tf.TensorShape([]),
            tf.TensorShape([None, None]),
            tf.TensorShape(None),
        ),
    )
    return array.stack(), scores


def _end_states(scores, label_lengths):
    """Returns the better one of the last label and the blank after it."""
    last = 2 * label_lengths
    label, blank = (
        tf.gather(scores, place, batch_dims=1) for place in (last + 1, last + 2)
    )
    return tf.where((label > blank) & (last > 0), last - 1, last)


def _backward(steps, states):
    """Returns the states of the best path, (batch, frames).

    Args:
      steps: int8 (frames, batch, states); states from the one before.
      states: int32 (batch,) at the end.
    """
    frames = tf.shape(steps)[0]
    array = tf.TensorArray(tf.int32, frames, element_shape=[None])

    def body(time, states, array):
        array = array.write(time, states)
        step = tf.gather(steps[time], states, batch_dims=1)
        states -= tf.cast(step, tf.int32)
        return time - 1, states, array

    *_, array = tf.while_loop(
        lambda time, *_: time >= 0, body, (frames - 1, states, array)
    )
    return tf.transpose(array.stack())


def _frames_of_labels(log_probs, tokens, states, is_label):
    """Returns the `Alignment` of the states (batch, frames) of a path."""
    batch, count = tf.unstack(tf.shape(is_label))
    own = tf.tile(2 * tf.range(count)[None] + 1, [batch, 1])
    first = tf.searchsorted(states, own)
    last = tf.searchsorted(states, own, "right") - 1
    size = tf.shape(tokens)[1]
    path = tf.gather(tokens, tf.minimum(states, size - 1), batch_dims=1)
    nats = tf.gather(log_probs, path, axis=2, batch_dims=2)
    # Sums in the order of time, whatever the shapes are.
    segments = states + (size + 1) * tf.range(batch)[:, None]
    sums = tf.math.unsorted_segment_sum(
        _exp(nats), segments, batch * (size + 1)
    )
    sums = tf.gather(tf.reshape(sums, [batch, size + 1]), own, batch_dims=1)
    frames = tf.cast(tf.maximum(last - first + 1, 1), tf.float32)
    return Alignment(
        tf.where(is_label, first, -1),
        tf.where(is_label, last, -1),
        tf.where(is_label, sums / frames, 0.0),
    )


def _exp(nats):
    """Returns exp(nats) of numbers up to 0, to 1e-7.

    The last bits of tf.exp depend on the place of a number in its tensor, those
    of tf.tanh do not.
    """
    share = tf.tanh(-nats / 2)
    return (1 - share) / (1 + share)
