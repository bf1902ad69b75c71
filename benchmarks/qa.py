"""Speed of training, and of answering, a network that reads stories.

    python -m benchmarks.qa

Times training steps (forward, backward, clipping by the norm, Adam) of entity
networks with 20 memories of 100 units, and how fast they answer: ours, the
same with `keras.layers.RNN` around the same cell (the gradient is the tape's),
and in PyTorch; batches of 64 questions on stories of 12 sentences of 7 words
out of 150. Ours and Keras's run in turns in one process, PyTorch's in one of
its own; medians of 20 after warming up. `pip install torch==2.13.0` fills its
row.
"""

import importlib.util

from benchmarks import timing

BATCH, SENTENCES, WORDS = 64, 12, 7
VOCABULARY, ANSWERS, UNITS, SLOTS = 150, 40, 100, 20


def main():
    """Prints questions a second; less than 1 says that ours is faster."""
    times = timing.of_module("qa_tensorflow")
    if importlib.util.find_spec("torch"):
        times |= timing.of_module("qa_pytorch")
    print(
        "| entity network | training, questions / s | time of ours / its "
        "| answering, questions / s | time of ours / its |"
    )
    print("| --- | --- | --- | --- | --- |")
    for name in dict.fromkeys(key.split(": ")[0] for key in times):
        cells = []
        for what in "training", "answering":
            milliseconds = times[f"{name}: {what}"]
            rate = 1e3 * BATCH / milliseconds
            ratio = times[f"ours: {what}"] / milliseconds
            cells.append(f"{rate:,.0f} | {ratio:.2f}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
