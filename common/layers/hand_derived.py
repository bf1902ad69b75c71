"""What the layers with backpropagation through time by hand have in common."""

import contextlib

import keras
import tensorflow as tf

from common.layers import recurrence
from common.layers import stepwise
from common.layers import through_time


def plan(kind, cell, weights=None):
    """Returns what the engine is to run for a cell.

    Args:
      kind: a Recurrence.
      cell: with `kernel`, `recurrent_kernel` and `bias` as Keras names them.
      weights: those within the recurrence, if more than the recurrent kernel.

    Returns:
      The recurrence, the kernel (features, blocks * units) and the bias that
      project the inputs (None if there is none), and the list of weights.
    """
    value = keras.ops.convert_to_tensor
    bias = value(cell.bias) if cell.use_bias else None
    weights = [value(w) for w in weights or [cell.recurrent_kernel]]
    return kind, value(cell.kernel), bias, weights


def standard(cell):
    """Returns whether a gated cell has the activations of its equations."""
    return (
        cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
    )


class HandDerived:
    """What the layers with a gradient by hand have beyond Keras's.

    Mixed in before a Keras RNN layer. Where there is no plan, or it cannot be
    followed, the layer is Keras's own.
    """

    def __init__(self, *args, weight_dropout=0.0, **kwargs):
        super().__init__(*args, **kwargs)
        if not 0 <= weight_dropout < 1:
            raise ValueError(
                f"weight_dropout={weight_dropout}: use a share of 0 to below 1."
            )
        self.weight_dropout = weight_dropout
        if weight_dropout:
            self.weight_seed = keras.random.SeedGenerator(kwargs.get("seed"))

    def plan(self):
        """Returns what `hand_derived.plan` does; None: be Keras's layer."""
        raise NotImplementedError

    def call(self, sequences, initial_state=None, mask=None, training=False):
        with _dropout(self.cell, training):
            return super().call(
                sequences,
                initial_state=initial_state,
                mask=mask,
                training=training,
            )

    def inner_loop(self, sequences, initial_state, mask, training=False):
        mask = mask[0] if keras.tree.is_nested(mask) else mask
        stock = super().inner_loop
        planned = self.planned(training)
        if planned and not self.cudnn():
            return self.own_loop(sequences, initial_state, mask, training)
        if self.weight_dropout and training:
            raise ValueError(
                f"weight_dropout={self.weight_dropout}: set it to 0 here; it "
                "needs float32 or float64, the standard activations, and no "
                "recurrent_dropout, unroll or cuDNN."
            )
        if mask is None or not planned:
            return stock(sequences, initial_state, mask=mask, training=training)
        return tf.cond(
            _right_padded(mask),
            lambda: self.like_on_cpu(
                mask, *stock(sequences, initial_state, mask, training)
            ),
            lambda: self.own_loop(sequences, initial_state, mask, training),
        )

    def planned(self, training):
        """Returns whether the engine can do what is asked for."""
        cell = self.cell
        plain = not (training and getattr(cell, "recurrent_dropout", 0))
        joined = getattr(cell, "implementation", 2) == 2
        exact = cell.compute_dtype in ("float32", "float64")
        asked = self.unroll or getattr(self, "use_cudnn", None) is True
        if training and tf.config.functions_run_eagerly():
            asked = True  # For a debugger to see; XLA's ops do not run there.
        possible = plain and joined and exact and not asked
        return possible and self.plan() is not None

    def cudnn(self):
        """Returns whether Keras would run cuDNN, given a plan."""
        cell = self.cell
        return (
            getattr(self, "use_cudnn", False) == "auto"
            and not self.weight_dropout
            and cell.use_bias
            and getattr(cell, "reset_after", True)
            and bool(tf.config.list_physical_devices("GPU"))
        )

    def like_on_cpu(self, mask, last, outputs, states):
        """Repeats the last output behind the end, where cuDNN gives zeros."""
        if self.return_sequences and not (
            self.go_backwards or self.zero_output_for_mask
        ):
            outputs = tf.where(mask[..., None], outputs, last[:, None])
        return last, outputs, states

    def own_loop(self, sequences, initial_state, mask, training):
        if mask is not None:
            mask = tf.cast(mask, tf.bool)[..., None]
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1])
            mask = None if mask is None else tf.reverse(mask, [1])
        run = self.train if training else self.infer
        outputs, states = run(sequences, initial_state, mask)
        outputs = self.shown(outputs, mask)
        last = outputs[:, -1]
        if not self.return_sequences:
            outputs = last[:, None]
        return last, outputs, states

    def infer(self, sequences, states, mask):
        """Returns the outputs (batch, time, units), and the last states."""
        kind, kernel, bias, weights = self.plan()
        if mask is not None:
            mask = tf.transpose(mask, [1, 0, 2])
        # Before the projection makes more of it.
        sequences = tf.transpose(sequences, [1, 0, 2])
        inputs = recurrence.project(sequences, kernel, bias)
        outputs, states = stepwise.run(kind, inputs, states, weights, mask)
        return tf.transpose(outputs, [1, 0, 2]), states

    def train(self, sequences, states, mask):
        """Returns as `infer`; may drop inputs and weights."""
        kind, kernel, bias, weights = self.plan()
        if getattr(self.cell, "dropout", 0):
            sequences *= self.cell.get_dropout_mask(sequences[:, 0])[:, None]
        if self.weight_dropout:
            for i in range(kind.kernels):
                weights[i] = keras.random.dropout(
                    weights[i], self.weight_dropout, seed=self.weight_seed
                )
        length, steps = sequences.shape[1], tf.shape(sequences)[1]
        if length is None:
            sequences, mask = through_time.round_up(sequences, mask)
        outputs, states = through_time.run(
            kind,
            sequences,
            kernel,
            bias,
            states,
            weights,
            mask,
            steps,
        )
        return outputs if length else outputs[:, :steps], states

    def shown(self, outputs, mask):
        """Returns the outputs as Keras gives them at masked steps.

        The last output before; zeros where there is none, whatever the
        initial state is, or everywhere with `zero_output_for_mask`.
        """
        if mask is None:
            return outputs
        if not self.zero_output_for_mask:
            mask = tf.math.cumsum(tf.cast(mask, tf.int32), 1) > 0
        return tf.where(mask, outputs, 0)

    def get_config(self):
        config = super().get_config()
        if self.weight_dropout:  # Without it, the configuration is Keras's.
            config["weight_dropout"] = self.weight_dropout
        return config


@contextlib.contextmanager
def _dropout(cell, training):
    """Turns dropout off outside of training.

    Keras draws the masks there, too, though it does not use them, and then
    cannot save the layer: "untracked resource" seed generator.
    """
    names = "dropout", "recurrent_dropout"
    shares = {n: getattr(cell, n) for n in names if hasattr(cell, n)}
    try:
        for name in shares if not training else ():
            setattr(cell, name, 0.0)
        yield
    finally:
        for name, share in shares.items():
            setattr(cell, name, share)


def _right_padded(mask):
    """Returns whether cuDNN takes the mask: no holes, no row without steps."""
    mask = tf.cast(mask, tf.int32)
    holes = tf.reduce_any(mask[:, 1:] > mask[:, :-1])
    return tf.logical_not(holes) & tf.reduce_all(mask[:, 0] > 0)
