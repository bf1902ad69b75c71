"""Signatures for clients that handle ids and states themselves."""

import functools

import tensorflow as tf

from apps.language_model.model import network
from apps.language_model.model import vocabulary


class TokenSignatures:
    """Encodes texts, decodes ids, and runs the network token by token.

    Args:
      vocabulary_layer: A `Vocabulary`.
      network_layer: A `Network`.
    """

    def __init__(
        self,
        vocabulary_layer: vocabulary.Vocabulary,
        network_layer: network.Network,
    ):
        self.vocabulary, self.network = vocabulary_layer, network_layer

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, "text")],
        autograph=False,
    )
    def encode(self, text):
        """Returns the ids of all texts in a row, and the length of each."""
        ids = self.vocabulary(text)
        return {"ids": ids.flat_values, "lengths": ids.row_lengths()}

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.int32, "ids")],
        autograph=False,
    )
    def decode(self, ids):
        """Returns the token of each id."""
        return {"tokens": self.vocabulary.strings(self.vocabulary.clip(ids))}

    def state_names(self) -> list[str]:
        """Returns the names of the states of `step`, in their order."""
        return [
            f"layer_{i}_state_{j}"
            for i, sizes in enumerate(self.network.state_sizes, 1)
            for j in range(1, len(sizes) + 1)
        ]

    @functools.cached_property
    def step(self):
        """A function that reads one token: ids and states -> logits and states.

        Its states have the same names as inputs and outputs; the first ones
        are zeros. A step takes the same time at every position.
        """
        names = self.state_names()
        sizes = sum(self.network.state_sizes, [])
        states = [
            tf.TensorSpec([None, size], tf.float32, name)
            for name, size in zip(names, sizes)
        ]

        @tf.function(
            input_signature=[tf.TensorSpec([None], tf.int32, "ids"), *states],
            autograph=False,
        )
        def step(ids, *states):
            ids = self.vocabulary.clip(ids)
            states = [
                tf.debugging.assert_all_finite(state, f"{name} must be finite")
                for name, state in zip(names, states)
            ]
            logits, states = self.network.step(ids, states)
            return {"logits": logits, **dict(zip(names, states))}

        return step
