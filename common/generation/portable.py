"""The networks of encoder-decoder models, for other runtimes."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from common import layers
from common.export import networks
from common.export.networks import Network
from common.export.networks import Run
from common.text import byte_pair_tokenizer
from common.text import byte_tokenizer


def encoder_outputs(
    memory: tf.Tensor, keys: tf.Tensor, states: list[tf.Tensor]
) -> dict[str, tf.Tensor]:
    """Returns the inputs of a decoder that come from the encoder, by name.

    Args:
      memory: (batch, places, size).
      keys: Those of the attention; see `layers.TokenDecoder.keys`.
      states: The first states of the decoder.
    """
    named = {f"state_{i}": state for i, state in enumerate(states)}
    return {"memory": memory, "keys": keys, **named}


def decoder_network(
    decoder: layers.TokenDecoder, memory_shape: tuple, has_mask: bool
) -> Network:
    """Returns the network of one step: a token and states to logits.

    Args:
      decoder: The decoder.
      memory_shape: Places and size of the memory; None for any number.
      has_mask: Whether the places that exist are an input, `places`: 1, or 0
        for padding.
    """
    batch = tf.zeros([1, *(size or 1 for size in memory_shape)])
    keys = decoder.keys(batch).shape[-1]
    zeros = [tf.zeros([1, size]) for size in decoder.state_sizes]
    states = decoder.get_initial_state(1, zeros)
    inputs = [
        tf.TensorSpec([None], tf.int32, "tokens"),
        tf.TensorSpec([None, *memory_shape], tf.float32, "memory"),
        tf.TensorSpec([None, memory_shape[0], keys], tf.float32, "keys"),
    ]
    if has_mask:
        places = tf.TensorSpec([None, memory_shape[0]], tf.int32, "places")
        inputs.append(places)
    names = [f"state_{i}" for i in range(len(states))]
    inputs += [
        tf.TensorSpec([None, state.shape[-1]], tf.float32, name)
        for name, state in zip(names, states)
    ]

    def step(tokens, memory, keys, *rest):
        mask = None
        if has_mask:
            mask, *rest = rest
            mask = mask > 0
        logits, states, alignments = decoder.step(
            tokens, list(rest), memory, mask, keys
        )
        after = networks.named_next(names, states)
        return {"logits": logits, "alignments": alignments, **after}

    return Network(step, inputs)


def teacher_forced_logits(
    run: Run, encoded: dict[str, np.ndarray], target: np.ndarray
) -> np.ndarray:
    """Returns the logits of each step, (steps, vocabulary).

    Args:
      run: Runs the network "decoder".
      encoded: The outputs of the encoder, and `places` if the decoder has it.
      target: Tokens between start and end marks, (steps + 1,).
    """
    inputs, steps = dict(encoded), []
    states = [name for name in encoded if name.startswith("state")]
    for token in target[:-1]:
        outputs = run("decoder", tokens=[token], **inputs)
        inputs.update(networks.read_next(states, outputs))
        steps.append(outputs["logits"][0])
    return np.stack(steps)


def tokenizer_settings(
    tokenizer: byte_tokenizer.ByteTokenizer,
) -> dict[str, list]:
    """Returns the tokens in the order of their ids, and merges if it has any.

    Tokens are bytes: each character stands for the byte of the same number
    (Latin-1). Marks and padding are "".
    """
    settings: dict[str, list] = {
        "tokens": [token.decode("latin-1") for token in tokenizer.tokens]
    }
    if isinstance(tokenizer, byte_pair_tokenizer.Subwords):
        settings["merges"] = [list(pair) for pair in tokenizer.merges]
    return settings
