"""Times our layers and Keras's: called by benchmarks.convolutional_layers."""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # See common/app.py.

import keras  # noqa: E402

from benchmarks import recurrent_tensorflow  # noqa: E402
from benchmarks import timing  # noqa: E402
from common import layers  # noqa: E402


def main(cases, rounds):
    """Prints the measurements of each case as JSON."""
    figures = {}
    for cell, shape in json.loads(cases):
        print(timing.key(cell, shape), file=sys.stderr)
        figures[timing.key(cell, shape)] = measure(cell, shape, int(rounds))
    peak = recurrent_tensorflow.peak()
    print(json.dumps({"figures": figures, "peak": peak}))


def measure(cell, shape, rounds):
    """Returns the milliseconds of our layer, and of Keras's if it has one."""
    *outer, filters, size = shape
    options = {"kernel_size": size, "return_sequences": True}
    pair = {"ours": layers.CONVOLUTIONAL_CELLS[cell](filters, **options)}
    if cell == "conv_lstm2d":
        pair["keras"] = keras.layers.ConvLSTM2D(
            filters, padding="same", **options
        )
    calls = {}
    for name, layer in pair.items():
        layer.build(tuple(outer))
        sizes = [*outer, filters]
        calls[name] = recurrent_tensorflow.training_step(layer, sizes)
        calls[f"{name}_inference"] = recurrent_tensorflow.forward(layer, sizes)
    return timing.medians(calls, rounds)


if __name__ == "__main__":
    main(*sys.argv[1:])
