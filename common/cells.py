"""The names of the recurrent cells: `--help` has no time for TensorFlow.

What they are: `common.layers.CELLS`.
"""

NAMES = [
    "simple_rnn",
    "irnn",
    "leaky",
    "time_skip",
    "jordan",
    "lstm",
    "peephole_lstm",
    "cifg_lstm",
    "layer_norm_lstm",
    "gru",
    "gru_reset_before",
    "updating_gru",
    "recurrent_highway",
    "nas",
]
