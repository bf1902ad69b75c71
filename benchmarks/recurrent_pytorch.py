"""Times PyTorch's layers: called by benchmarks.recurrent_layers."""

import json
import os
import sys

import torch

from benchmarks import timing


def main(cases, rounds):
    """Prints the milliseconds of each case as JSON."""
    torch.set_num_threads(os.cpu_count())
    steps = {}
    for cell, shape in json.loads(cases):
        print("PyTorch", timing.key(cell, shape), file=sys.stderr)
        calls = {"": training_step(cell, shape)}
        steps[timing.key(cell, shape)] = timing.medians(calls, int(rounds))[""]
    print(json.dumps({"steps": steps}))


def training_step(cell, shape):
    """Returns a function that runs forward and backward once."""
    *outer, features, units = shape
    kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    layer = kind(features, units, batch_first=True)
    inputs = torch.randn(*outer, features, requires_grad=True)
    upstream = torch.randn(*outer, units)

    def step():
        layer.zero_grad()
        inputs.grad = None
        outputs, _ = layer(inputs)
        outputs.backward(upstream)

    return step


if __name__ == "__main__":
    main(*sys.argv[1:])
