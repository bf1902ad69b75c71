"""Speed and memory of the recurrent layers, compared to Keras and PyTorch.

    python -m benchmarks.recurrent_layers

A training step is the forward and backward pass, with the gradients of the
inputs and all weights, in a compiled graph. Our layers and Keras's alternate in
one process, PyTorch's run in another; each time is the median of its rounds,
after a warm-up. The share of the peak is the rate of the step's matrix products
relative to a large product on the same machine. Memory is the growth during a
training step, the median of three processes.

PyTorch is optional: `pip install torch==2.13.0` fills its column. Takes about
eight minutes on two cores, on an otherwise idle machine.
"""

import argparse
import importlib.util
import json
import os
import pathlib
import platform

import numpy as np

from benchmarks import timing

# batch, steps, features, units
SHAPES = [
    (32, 200, 128, 128),
    (20, 35, 650, 650),
    (64, 30, 256, 512),
    (64, 50, 64, 64),
]
GATES = {
    "lstm": 4,
    "gru": 3,
    "gru_reset_before": 3,
    "simple_rnn": 1,
    "peephole_lstm": 4,
    "cifg_lstm": 3,
    "updating_gru": 3,
}
IN_PYTORCH = ["lstm", "gru"]


def main():
    """Prints the table, and writes its values to a file."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument(
        "--json",
        type=pathlib.Path,
        default=pathlib.Path("runs/benchmarks/recurrent_layers.json"),
        help="Output file of the measurements.",
    )
    options = options.parse_args()
    cases = [(cell, shape) for cell in GATES for shape in SHAPES]
    ours = timing.of_module(
        "recurrent_tensorflow", json.dumps(cases), options.rounds
    )
    pytorch = {}
    if importlib.util.find_spec("torch"):
        shared = [case for case in cases if case[0] in IN_PYTORCH]
        pytorch = timing.of_module(
            "recurrent_pytorch", json.dumps(shared), options.rounds
        )
    for cell, shape in cases:
        ours["steps"][timing.key(cell, shape)]["memory"] = _memory(cell, shape)
    rows = [_row(*case, ours, pytorch) for case in _cases(ours)]
    _print(rows, ours["peak"])
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "peak_gflops": ours["peak"],
        "rounds": options.rounds,
        "rows": rows,
    }
    options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(f"\nResults: {options.json}")


def _memory(cell, shape):
    """Returns the memory of our training step divided by that of Keras."""
    if cell not in IN_PYTORCH:  # It takes a while.
        return None
    measured = {
        name: [
            timing.of_module("recurrent_memory", cell, json.dumps(shape), name)
            for _ in range(3)  # It depends on the timing of the shards.
        ]
        for name in ("ours", "keras")
    }
    if None in measured["ours"]:
        return None
    return np.median(measured["ours"]) / np.median(measured["keras"])


def _cases(ours):
    for key in ours["steps"]:
        cell, *shape = key.split()
        yield cell, [int(n) for n in shape]


def _row(cell, shape, ours, pytorch):
    key = timing.key(cell, shape)
    figures = ours["steps"][key]
    batch, steps, features, units = shape
    # One product forward, two backward, each two operations per weight.
    flops = 6 * batch * steps * GATES[cell] * units * (features + units)
    step = figures["ours"]
    pytorch_step = pytorch.get("steps", {}).get(key)
    return {
        "cell": cell,
        "batch": batch,
        "steps": steps,
        "features": features,
        "units": units,
        "keras_ms": figures["keras"],
        "ours_ms": step,
        "pytorch_ms": pytorch_step,
        "of_keras": step / figures["keras"],
        "of_pytorch": pytorch_step and step / pytorch_step,
        "of_peak": flops / (step * 1e-3) / (ours["peak"] * 1e9),
        "forward_of_keras": figures["ours_forward"] / figures["keras_forward"],
        "keras_forward_ms": figures["keras_forward"],
        "ours_forward_ms": figures["ours_forward"],
        "memory_of_keras": figures["memory"],
    }


def _print(rows, peak):
    print(
        f"Training step, medians in ms; {os.cpu_count()} cores, matrix "
        f"products reach {peak:.0f} GFLOP/s\n"
    )
    header = ["cell", "batch, steps, features, units", "Keras", "ours"]
    header += ["PyTorch", "/ Keras", "/ PyTorch", "of peak"]
    header += ["forward / Keras", "memory / Keras"]
    print("| " + " | ".join(header) + " |")
    print("| --- | --- |" + " --- |" * (len(header) - 2))
    for row in rows:
        shape = [row[n] for n in ("batch", "steps", "features", "units")]
        cells = [row["cell"], ", ".join(map(str, shape))]
        cells += [_number(row[f"{n}_ms"], ".1f") for n in ("keras", "ours")]
        cells += [
            _number(row["pytorch_ms"], ".1f"),
            _number(row["of_keras"], ".2f"),
            _number(row["of_pytorch"], ".2f"),
            _number(row["of_peak"], ".0%"),
            _number(row["forward_of_keras"], ".2f"),
            _number(row["memory_of_keras"], ".2f"),
        ]
        print("| " + " | ".join(cells) + " |")
    for name in "of_keras", "of_pytorch":
        ratios = [row[name] for row in rows if row[name]]
        if ratios:
            mean = np.exp(np.mean(np.log(ratios)))
            print(f"\nGeometric mean {name.replace('_', ' ')}: {mean:.2f}")


def _number(value, form):
    return "-" if value is None else format(value, form)


if __name__ == "__main__":
    main()
