"""A recurrent decoder with attention, step by step or all steps at once."""

import keras
from keras import ops

from common.layers._engine import algebra
from common.layers._engine import call_arguments
from common.layers._engine import composite_layer
from common.layers._engine import dropout_masks
from common.layers._engine import scan
from common.layers.attention import flat_cell


@keras.saving.register_keras_serializable("unroll")
class AttentionDecoder(composite_layer.CompositeLayer):
    r"""Runs an RNN cell whose outputs attend to a memory.

    $h_t, s_t = \mathrm{cell}(x_t, s_{t-1})$,
    with input feeding $\mathrm{cell}([x_t; \tilde h_{t-1}], s_{t-1})$;
    $c_t, a_t = \mathrm{attention}(h_t, m)$;
    $\tilde h_t = \tanh(W_c [c_t; h_t])$.

    Decoding loops call `step`; calling the layer runs all steps of a known
    sequence, with equal results. Without input feeding, the states do not
    depend on the attention: the cell runs in `layers.RNN`, with its custom
    gradient, and all steps attend at once, which is faster.

    The query is the output of the same step, as in Luong et al. (2015). In
    Bahdanau et al. (2015) it is the previous state; with input feeding, the
    cell reads that result too, through the previous $\tilde h$.

    The states are a flat list of tensors: those of the cell, then with input
    feeding the previous $\tilde h$.

    Masking: a step whose mask is False gives zeros and keeps the states. What
    masked steps and places hold, NaN included, has no influence. The Keras
    mask of the inputs is passed on to the outputs.

    Args:
      cell: an RNN cell of Keras, such as `keras.layers.LSTMCell(256)` or
        `keras.layers.StackedRNNCells`.
      attention: `AdditiveAttention` or `MultiplicativeAttention`.
      units: int; size of the outputs $\tilde h$.
      input_feeding: whether the cell also reads the previous output.
      return_state: whether to also return the last states.

    Call arguments:
      inputs: float tensor (batch, steps, features).
      memory: float tensor (batch, places, size).
      inputs_mask: bool tensor (batch, steps).
      memory_mask: bool tensor (batch, places). By default both masks are the
        Keras masks of the tensors, if they have one.
      initial_state: list of the initial states: all, or those of the cell.
        `get_initial_state` supplies the missing ones.
      training: whether to apply the dropout of the cell.

    Returns:
      The outputs (batch, steps, units), the alignments (batch, steps,
      places), and with `return_state` the list of the last states.

    Raises:
      ValueError: `cell` is not an RNN cell; the number of states is wrong;
        `step` is called before the layer has weights.

    Example:
      >>> decoder = AttentionDecoder(
      ...     keras.layers.GRUCell(8), AdditiveAttention(8), 6)
      >>> inputs, memory = keras.ops.ones((4, 5, 2)), keras.ops.ones((4, 10, 3))
      >>> outputs, alignments = decoder(inputs, memory)
      >>> outputs.shape, alignments.shape
      (TensorShape([4, 5, 6]), TensorShape([4, 5, 10]))
      >>> keys = decoder.attention.keys(memory)
      >>> output, states, alignments = decoder.step(
      ...     inputs[:, 0], decoder.get_initial_state(4), memory, keys=keys)

    Reference: Luong, Pham & Manning, Effective Approaches to Attention-based
    Neural Machine Translation, 2015.
    """

    def __init__(
        self,
        cell,
        attention,
        units,
        input_feeding=False,
        return_state=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        is_layer = isinstance(cell, keras.layers.RNN)
        if is_layer or not hasattr(cell, "state_size"):
            raise ValueError(
                f"cell={cell!r}: use an RNN cell, e.g. keras.layers.LSTMCell."
            )
        self.cell = cell
        self.attention = attention
        self.units = units
        self.input_feeding = input_feeding
        self.return_state = return_state
        self.output_layer = keras.layers.Dense(
            units, activation="tanh", use_bias=False, dtype=self.dtype_policy
        )

    def build(self, inputs_shape, memory_shape):
        features = inputs_shape[-1] + self.units * self.input_feeding
        hidden = getattr(self.cell, "output_size", None)
        hidden = hidden or keras.tree.flatten(self.cell.state_size)[0]
        for layer, shapes in (
            (self.cell, [(None, features)]),
            (self.attention, [(None, hidden), memory_shape]),
            (self.output_layer, [(None, hidden + memory_shape[-1])]),
        ):
            if not layer.built:
                layer.build(*shapes)

    def get_initial_state(self, batch_size, states=None):
        """Returns the initial states, a flat list.

        Args:
          batch_size: int or scalar tensor.
          states: list of known initial states: those of the cell, e.g. from
            an encoder, or all.
        """
        states = [] if states is None else keras.tree.flatten(states)
        defaults = flat_cell.initial_states(self.cell, batch_size)
        counts = {0, len(defaults), len(defaults) + self.input_feeding}
        if len(states) not in counts:
            expected = " or ".join(str(n) for n in sorted(counts - {0}))
            raise ValueError(
                f"{len(states)} initial states: expected {expected}."
            )
        if self.input_feeding:
            output = ops.zeros((batch_size, self.units), self.compute_dtype)
            defaults.append(output)
        known = [ops.cast(s, d.dtype) for s, d in zip(states, defaults)]
        return known + defaults[len(known) :]

    def step(
        self,
        inputs,
        states,
        memory,
        memory_mask=None,
        keys=None,
        training=False,
    ):
        """Returns the output, the next states and the alignments of one step.

        Args:
          inputs: float tensor (batch, features).
          states: list from `get_initial_state` or the previous step.
          memory: float tensor (batch, places, size).
          memory_mask: bool tensor (batch, places).
          keys: the result of `attention.keys(memory)`. Pass it in a loop:
            otherwise each step computes it.
          training: whether to apply dropout, with new masks in each step.
        """
        if not self.built:
            raise ValueError(
                "The decoder has no weights yet: call it, or "
                "build(inputs_shape, memory_shape), before step(...)."
            )
        cell = dropout_masks.with_own_masks(self.cell)
        hidden, states = self._run_cell(cell, inputs, states, training)
        output, alignments = self._attend(hidden, memory, memory_mask, keys)
        return output, self._with_feed(states, output), alignments

    def call(
        self,
        inputs,
        memory,
        inputs_mask=None,
        memory_mask=None,
        initial_state=None,
        training=False,
    ):
        inputs = call_arguments.check_steps(inputs)
        inputs_mask = call_arguments.flatten_mask(inputs_mask)
        memory_mask = call_arguments.flatten_mask(memory_mask)
        states = self.get_initial_state(ops.shape(inputs)[0], initial_state)
        inputs = algebra.zero_masked(inputs, inputs_mask)
        memory = algebra.zero_masked(memory, memory_mask)
        keys = self.attention.keys(memory)
        cell = dropout_masks.with_own_masks(self.cell)

        def run_step(inputs, states):
            hidden, states = self._run_cell(cell, inputs, states, training)
            result = self._attend(hidden, memory, memory_mask, keys)
            return result, self._with_feed(states, result[0])

        if self.input_feeding:
            results, states = scan.scan(run_step, inputs, inputs_mask, states)
        else:
            hidden, states = flat_cell.run(
                self.cell,
                inputs,
                states,
                inputs_mask,
                training,
                self.dtype_policy,
            )
            results = self._attend(hidden, memory, memory_mask, keys)
        if inputs_mask is not None:
            mask = ops.expand_dims(ops.cast(inputs_mask, "bool"), -1)
            results = [ops.where(mask, r, 0) for r in results]
        return (*results, states) if self.return_state else tuple(results)

    def _run_cell(self, cell, inputs, states, training):
        """Returns the output of the cell at one step, and its next states."""
        if self.input_feeding:
            *states, previous = states
            inputs = ops.concatenate([inputs, previous], -1)
        return flat_cell.step(cell, inputs, states, training)

    def _attend(self, hidden, memory, memory_mask, keys):
        """Returns outputs and alignments of one step or of all steps."""
        context, alignments = self.attention(
            hidden, memory, memory_mask=memory_mask, keys=keys
        )
        features = ops.concatenate([context, hidden], -1)
        return self.output_layer(features), alignments

    def _with_feed(self, states, output):
        return [*states, output] if self.input_feeding else states

    def compute_mask(self, inputs, mask=None):
        return mask, None

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "cell": serialize(self.cell),
            "attention": serialize(self.attention),
            "units": self.units,
            "input_feeding": self.input_feeding,
            "return_state": self.return_state,
        }

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        parts = {n: deserialize(config[n]) for n in ("cell", "attention")}
        return cls(**{**config, **parts})
