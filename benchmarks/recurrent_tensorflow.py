"""Times our layers and Keras's: called by benchmarks.recurrent_layers."""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # See common/app.py.

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from benchmarks import timing  # noqa: E402
from common import layers  # noqa: E402

STOCK = {
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "gru_reset_before": lambda units, **options: keras.layers.GRU(
        units, reset_after=False, **options
    ),
    "simple_rnn": keras.layers.SimpleRNN,
}


def main(cases, rounds):
    """Prints the measurements of each case as JSON."""
    steps = {}
    for cell, shape in json.loads(cases):
        print(timing.key(cell, shape), file=sys.stderr)
        steps[timing.key(cell, shape)] = measure(cell, shape, int(rounds))
    print(json.dumps({"peak": peak(), "steps": steps}))


def measure(cell, shape, rounds):
    """Returns the milliseconds of our layer and of Keras's."""
    calls = {}
    for name, layer in make_layers(cell, shape).items():
        calls[name] = training_step(layer, shape)
        calls[f"{name}_forward"] = forward(layer, shape)
    return timing.medians(calls, rounds)


def make_layers(cell, shape):
    """Returns our layer, and the layer of Keras with the same cell."""
    units = shape[-1]
    ours = layers.CELLS[cell](units, return_sequences=True)
    if cell in STOCK:
        stock = STOCK[cell](units, return_sequences=True)
    else:  # Keras's loop with our cell.
        copy = type(ours.cell).from_config(ours.cell.get_config())
        stock = keras.layers.RNN(copy, return_sequences=True)
    for layer in ours, stock:
        layer.build((*shape[:2], shape[2]))
    return {"ours": ours, "keras": stock}


def tensors(shape):
    """Returns inputs, and the gradient of the outputs."""
    *outer, features, units = shape
    inputs = tf.random.stateless_normal([*outer, features], seed=[1, 1])
    return inputs, tf.random.stateless_normal([*outer, units], seed=[1, 2])


def training_step(layer, shape):
    """Returns a function that runs forward and backward once."""
    inputs, upstream = tensors(shape)
    weights = [w.value for w in layer.trainable_variables]

    @tf.function
    def step(inputs, upstream):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            outputs = layer(inputs, training=True)
        return tape.gradient(outputs, [inputs, *weights], upstream)

    return lambda: step(inputs, upstream)  # Returns when the step is finished.


def forward(layer, shape):
    """Returns a function that runs the forward pass once, for inference."""
    inputs, _ = tensors(shape)
    run = tf.function(layer)
    return lambda: run(inputs)


def peak(size=2048):
    """Returns the rate of a large matrix product in GFLOP/s."""
    a = tf.random.stateless_normal([size, size], seed=[1, 1])
    product = tf.function(tf.matmul)
    times = timing.medians({"": lambda: product(a, a)}, 10)
    return 2 * size**3 / (times[""] * 1e6)


if __name__ == "__main__":
    main(*sys.argv[1:])
