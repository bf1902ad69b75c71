"""Speed of training language models.

    python -m benchmarks.language_model [--sizes=200,650,1500] [--rounds=20]

Times training steps (forward pass, backward pass, clipping by the global norm,
SGD) of two LSTM layers on windows of 20 streams and 35 steps, with a full
softmax over 10,000 tokens and states carried from window to window: our
language model, the same network of standard Keras layers, and of PyTorch's.
Ours and Keras's alternate in one process, PyTorch's runs in another; medians
after a warm-up. `pip install torch==2.13.0` adds the rows of PyTorch.
"""

import argparse
import importlib.util

from benchmarks import timing

STREAMS, STEPS, VOCABULARY, DEPTH = 20, 35, 10_000, 2
CLIP_NORM, LEARNING_RATE = 0.25, 20.0


def main():
    """Prints the tokens per second of each training step.

    In the last column, less than 1 means that ours is faster.
    """
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="200,650,1500")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    print("| units | training step | ms | tokens / s | our time / its time |")
    print("| --- | --- | --- | --- | --- |")
    for size in options.sizes.split(","):
        times = timing.of_module(
            "language_model_tensorflow", size, options.rounds
        )
        if importlib.util.find_spec("torch"):
            times |= timing.of_module(
                "language_model_pytorch", size, options.rounds
            )
        for name, milliseconds in times.items():
            rate = 1e3 * STREAMS * STEPS / milliseconds
            print(
                f"| {size} | {name} | {milliseconds:.1f} | {rate:,.0f} | "
                f"{times['ours'] / milliseconds:.2f} |"
            )


if __name__ == "__main__":
    main()
