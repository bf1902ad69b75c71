"""Speed of the convolutional recurrent layers, next to Keras and PyTorch.

    python -m benchmarks.convolutional_layers

A training step is the forward and backward pass, with the gradients of the
inputs and all weights; inference is the forward pass alone; both in a compiled
graph, with padding "same". Our layers and Keras's alternate in one process,
PyTorch's (the same cell around `nn.Conv2d`, with one input convolution for all
steps) run in another; each time is the median of its rounds, after a warm-up.
The share of the peak is the rate of our convolutions divided by that of a large
matrix product. Keras has a ConvLSTM2D only.

PyTorch is optional: `pip install torch==2.13.0` fills its columns.
"""

import argparse
import importlib.util
import json
import os
import pathlib

from benchmarks import timing

CELLS = ["conv_lstm2d", "conv_gru2d", "st_lstm2d"]
# batch, steps, rows, columns, channels, filters, kernel size
SHAPES = [
    (8, 20, 16, 16, 16, 64, 5),
    (8, 10, 64, 64, 1, 32, 3),
    (16, 20, 16, 16, 16, 32, 3),
]
# The name of each kind, and the convolutions of a pass: forward, and backward
# for the inputs and for the weights.
KINDS = {"": ("training step", 3), "_inference": ("inference", 1)}


def main():
    """Prints the table, and writes its values to a file."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--cells", default=",".join(CELLS))
    options.add_argument(
        "--json",
        type=pathlib.Path,
        default=pathlib.Path("runs/benchmarks/convolutional_layers.json"),
        help="Output file of the measurements.",
    )
    options = options.parse_args()
    cases = [(c, s) for c in options.cells.split(",") for s in SHAPES]
    arguments = json.dumps(cases), options.rounds
    measured = timing.of_module("convolutional_tensorflow", *arguments)
    figures, peak = measured["figures"], measured["peak"]
    if importlib.util.find_spec("torch"):
        pytorch = timing.of_module("convolutional_pytorch", *arguments)
        for key, times in pytorch.items():
            figures[key] |= times
    rows = [
        row(*case, figures[timing.key(*case)], peak, kind)
        for case in cases
        for kind in KINDS
    ]
    _print(rows)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "cores": os.cpu_count(),
        "peak_gflops": peak,
        "rounds": options.rounds,
        "rows": rows,
    }
    options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(f"\nResults: {options.json}")


def weights(cell, channels, filters, size):
    """Returns the number of entries of all kernels of a cell."""
    area = size**2
    if cell == "st_lstm2d":
        of_states = area * (4 + 3 + 2) * filters + 2 * filters
        return filters * (7 * area * channels + of_states)
    blocks = {"conv_lstm2d": 4, "conv_gru2d": 3}[cell]
    return area * blocks * filters * (channels + filters)


def row(cell, shape, figures, peak, kind):
    """Returns the milliseconds and ratios of a line; None where one is absent.

    Args:
      cell: a key of `layers.CONVOLUTIONAL_CELLS`.
      shape: one of `SHAPES`.
      figures: dict from "ours", "keras", "pytorch", each with the endings of
        `KINDS`, to milliseconds.
      peak: GFLOP/s of a large matrix product.
      kind: a key of `KINDS`.
    """
    ours = figures[f"ours{kind}"]
    name, passes = KINDS[kind]
    batch, steps, rows, columns, *sizes = shape
    places = batch * steps * rows * columns
    flops = 2 * passes * places * weights(cell, *sizes)
    times = {name: figures.get(name + kind) for name in ("keras", "pytorch")}
    ratios = {f"of_{n}": t and ours / t for n, t in times.items()}
    identity = {"cell": cell, "shape": shape, "kind": name}
    of_peak = flops / (ours * 1e-3) / (peak * 1e9)
    return {**identity, **times, "ours": ours, **ratios, "of_peak": of_peak}


def _print(rows):
    header = ["cell", "batch, steps, rows, columns, channels, filters, kernel"]
    header += ["", "Keras, ms", "PyTorch, ms", "ours, ms"]
    header += ["ours / Keras", "ours / PyTorch", "of peak"]
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for line in rows:
        cells = [f"`{line['cell']}`", ", ".join(map(str, line["shape"]))]
        cells.append(line["kind"])
        for name in "keras", "pytorch", "ours":
            cells.append(_number(line[name], ".1f"))
        for name in "of_keras", "of_pytorch":
            cells.append(_number(line[name], ".2f"))
        cells.append(_number(line["of_peak"], ".0%"))
        print("| " + " | ".join(cells) + " |")


def _number(value, form):
    return "-" if value is None else format(value, form)


if __name__ == "__main__":
    main()
