"""The mixin that gives a Keras RNN layer a custom gradient."""

import inspect
from collections.abc import Callable

import keras
import tensorflow as tf

from common.layers._engine import algebra
from common.layers._engine import call_arguments
from common.layers._engine import dropout_masks
from common.layers._engine import private_api
from common.layers._engine import stepwise
from common.layers._engine import through_time


class CustomGradientRNN:
    """Mixin that gives a Keras RNN layer a custom gradient.

    To be placed before the Keras layer among the base classes. Subclasses
    define `recurrence_program`, and `__init__` by `constructor`. Falls back to
    Keras's implementation where there is no program, or where
    `supports_program` is False.
    """

    def set_weight_dropout(self, weight_dropout):
        """Sets the rate at which entries of the recurrent kernel are zeroed."""
        if not 0 <= weight_dropout < 1:
            raise ValueError(
                f"weight_dropout={weight_dropout}: use a rate in [0, 1)."
            )
        self.weight_dropout = weight_dropout
        if weight_dropout:
            seed = getattr(self.cell, "seed", None)
            self.weight_seed = keras.random.SeedGenerator(seed)

    def recurrence_program(self):
        """Returns the RecurrenceProgram of the cell; None for Keras's layer."""
        raise NotImplementedError

    def call(self, sequences, initial_state=None, mask=None, training=False):
        sequences = call_arguments.check_steps(sequences)
        if initial_state is not None:
            sequences, initial_state = call_arguments.match_batch(
                sequences, initial_state
            )
        elif self.stateful and sequences.shape[0] is None:
            batch = keras.tree.flatten(self.states)[0].shape[0]
            sequences = call_arguments.set_batch(sequences, batch)
        mask = call_arguments.flatten_mask(mask)
        # Weights are read in the dtype of the cell, not of the layer.
        with private_api.AutocastScope(self.cell.compute_dtype):
            return super().call(
                sequences,
                initial_state=initial_state,
                mask=mask,
                training=training,
            )

    def inner_loop(self, sequences, initial_state, mask, training=False):
        """Overrides the loop of keras.layers.RNN: all steps of a batch."""
        sequences = algebra.zero_masked(sequences, mask)
        supported = self.supports_program(training)
        if supported and not self.uses_cudnn():
            return self.program_loop(sequences, initial_state, mask, training)
        if self.weight_dropout and training:
            raise ValueError(
                f"weight_dropout={self.weight_dropout}: set it to 0 here; it "
                "requires float32 or float64, the standard activations, and "
                "no recurrent_dropout, unroll or cuDNN."
            )
        if mask is None or not supported:
            return self.keras_loop(sequences, initial_state, mask, training)
        return tf.cond(
            _is_right_padded(mask),
            lambda: self.match_cpu_outputs(
                mask,
                *self.keras_loop(sequences, initial_state, mask, training),
            ),
            lambda: self.program_loop(sequences, initial_state, mask, training),
        )

    def keras_loop(self, sequences, initial_state, mask, training):
        """Runs Keras's loop, with dropout masks of this call in training."""
        layer = self
        if training:
            cell = dropout_masks.with_own_masks(self.cell)
            layer = private_api.copy_layer(self, cell=cell)
            if isinstance(cell, private_api.DropoutRNNCell):
                sequences = tf.cast(sequences, cell.compute_dtype)
            self._maybe_config_dropout_masks(
                cell, sequences[:, 0], initial_state
            )
        return super(CustomGradientRNN, layer).inner_loop(
            sequences, initial_state, mask, training
        )

    def _maybe_config_dropout_masks(self, cell, inputs, states):
        """Overrides Keras's method: the layer's own cell gets no masks."""
        if cell is not self.cell:
            super()._maybe_config_dropout_masks(cell, inputs, states)

    def _maybe_reset_dropout_masks(self, cell):
        """Overrides Keras's method: there are no masks to reset."""

    def supports_program(self, training):
        """Returns whether the layer's options allow to run its program."""
        cell = self.cell
        if training and getattr(cell, "recurrent_dropout", 0):
            return False
        if getattr(cell, "implementation", 2) != 2:
            return False
        if cell.compute_dtype not in ("float32", "float64"):
            return False
        if self.unroll or getattr(self, "use_cudnn", None) is True:
            return False
        return self.recurrence_program() is not None

    def uses_cudnn(self):
        """Returns whether Keras would run cuDNN, given a program."""
        cell = self.cell
        return (
            getattr(self, "use_cudnn", False) == "auto"
            and not self.weight_dropout
            and cell.use_bias
            and getattr(cell, "reset_after", True)
            and bool(tf.config.list_physical_devices("GPU"))
        )

    def match_cpu_outputs(self, mask, last, outputs, states):
        """Repeats the last output in the padding, where cuDNN gives zeros."""
        if self.return_sequences and not (
            self.go_backwards or self.zero_output_for_mask
        ):
            outputs = tf.where(mask[..., None], outputs, last[:, None])
        return last, outputs, states

    def program_loop(self, sequences, initial_state, mask, training):
        """Runs the program in place of Keras's loop."""
        if mask is not None:
            mask = tf.cast(mask, tf.bool)[..., None]
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1])
            mask = None if mask is None else tf.reverse(mask, [1])
        program = self.recurrence_program()
        weights = [program.kernel, *program.weights]
        recorded = training or private_api.is_recorded(weights)
        sequences = tf.cast(sequences, self.cell.compute_dtype)
        if training:
            sequences = dropout_masks.drop_inputs(self.cell, sequences)
            program = self.drop_weights(program)
        # A single step needs no loop. Debuggers need eager ops, XLA a graph.
        is_loop = sequences.shape[1] != 1
        if recorded and is_loop and not tf.config.functions_run_eagerly():
            run = through_time.run
        else:
            run = stepwise.run
        outputs, states = run(program, sequences, initial_state, mask)
        outputs = self.replace_masked_outputs(outputs, mask)
        last = outputs[:, -1]
        if not self.return_sequences:
            outputs = last[:, None]
        return last, outputs, states

    def drop_weights(self, program):
        """Returns the program with dropout applied to the recurrent kernel."""
        if not self.weight_dropout:
            return program
        count = program.recurrence.kernel_count
        dropped = [
            keras.random.dropout(w, self.weight_dropout, seed=self.weight_seed)
            for w in program.weights[:count]
        ]
        return program._replace(weights=[*dropped, *program.weights[count:]])

    def replace_masked_outputs(self, outputs, mask):
        """Returns the outputs with Keras's values at masked steps.

        These repeat the last unmasked output. They are zero before the first
        one, whatever the initial state, and with `zero_output_for_mask`.
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


def constructor(keras_class: type, **options) -> Callable:
    """Returns an `__init__` with the arguments of a Keras layer, by name.

    `help`, and Keras where it saves a layer, read its signature.

    Args:
      keras_class: the layer.
      **options: further arguments and their defaults, set as attributes.
    """
    options = {**options, "weight_dropout": 0.0}

    def __init__(self, *args, **kwargs):
        chosen = {name: kwargs.pop(name, options[name]) for name in options}
        super(CustomGradientRNN, self).__init__(*args, **kwargs)
        self.set_weight_dropout(chosen.pop("weight_dropout"))
        for name, value in chosen.items():
            setattr(self, name, value)

    signature = inspect.signature(vars(keras_class)["__init__"])
    *named, rest = signature.parameters.values()
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value)
        for name, value in options.items()
    ]
    signature = signature.replace(parameters=[*named, *parameters, rest])
    __init__.__signature__ = signature  # type: ignore[attr-defined]
    return __init__


def has_standard_activations(cell: keras.layers.Layer) -> bool:
    """Returns whether a gated cell uses tanh and sigmoid."""
    return (
        cell.activation is keras.activations.tanh
        and cell.recurrent_activation is keras.activations.sigmoid
    )


def _is_right_padded(mask):
    """Returns whether cuDNN takes the mask: no gaps, no fully masked row."""
    mask = tf.cast(mask, tf.int32)
    gaps = tf.reduce_any(mask[:, 1:] > mask[:, :-1])
    return tf.logical_not(gaps) & tf.reduce_all(mask[:, 0] > 0)
