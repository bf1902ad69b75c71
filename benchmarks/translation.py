"""Speed of training and of decoding a translator.

    python -m benchmarks.translation
    python -m benchmarks.translation saved_models/translation/1 SENTENCES.txt

The first command times training steps (forward, backward, gradient clipping,
Adam) on batches of 64 pairs of 16 and 16 tokens out of 4,000, with embeddings
of 256 and states of 512: our translator with attention; our layers, and stock
Keras, in the structure of Keras's example lstm_seq2seq (no attention, one
direction; Chollet 2017); and our translator in PyTorch. Ours and Keras's run in
turns in one process, PyTorch's in another; medians after warming up.
`pip install torch==2.13.0` adds its row.

The second command times a SavedModel: all sentences of a text file, one per
line, in batches of 64, and single sentences; decoded with the beam width of the
export.
"""

import argparse
import importlib.util
import os
import pathlib
import statistics
import time

from benchmarks import timing

BATCH, PLACES, STEPS, VOCABULARY = 64, 16, 16, 4000
EMBEDDING, UNITS = 256, 512


def main():
    """Prints one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("saved_model", nargs="?")
    parser.add_argument("sentences", nargs="?", type=pathlib.Path)
    options = parser.parse_args()
    if options.saved_model and not options.sentences:
        parser.error("pass a text file of sentences, too.")
    if options.saved_model:
        serving(options.saved_model, options.sentences)
    else:
        training()


def training():
    """Prints the target tokens per second of each training step.

    In the last column, less than 1 means that ours is faster.
    """
    times = timing.of_module("translation_tensorflow")
    if importlib.util.find_spec("torch"):
        times |= timing.of_module("translation_pytorch")
    ours = times["ours"]
    print("| training step | ms | target tokens / s | time of ours / its |")
    print("| --- | --- | --- | --- |")
    for name, milliseconds in times.items():
        rate = 1e3 * BATCH * STEPS / milliseconds
        print(
            f"| {name} | {milliseconds:.0f} | {rate:,.0f} | "
            f"{ours / milliseconds:.2f} |"
        )


def serving(path, sentences):
    """Prints the latency and throughput of a SavedModel."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]
    lines = sentences.read_bytes().splitlines()

    def seconds(texts):
        start = time.perf_counter()
        serve(text=tf.constant(texts))["translation"].numpy()
        return time.perf_counter() - start

    batches = [lines[i : i + 64] for i in range(0, len(lines), 64)]
    for batch in batches:  # Warm up.
        seconds(batch)
    total = sum(map(seconds, batches))
    print(f"{len(lines):,} sentences in batches of 64: {total:.1f} s")
    for line in lines[:200]:
        seconds([line])
    alone = sorted(1e3 * seconds([line]) for line in lines[:200])
    print(
        f"one sentence: median {statistics.median(alone):.1f} ms, "
        f"95th percentile {alone[int(0.95 * len(alone))]:.1f} ms"
    )


if __name__ == "__main__":
    main()
