"""Speed of training and answering of an entity network.

    python -m benchmarks.qa

Times training steps (forward, backward, clipping by norm, Adam) and answers of
entity networks with 20 memories of 100 units: ours, the same network with
`keras.layers.RNN` around the same cell (without the custom gradient), and
PyTorch; batches of 64 questions about stories of 12 sentences of 7 words, from
a vocabulary of 150. Ours and that of Keras run alternately in one process,
PyTorch runs in a process of its own; medians of 20 after a warm-up. The row of
PyTorch needs `pip install torch==2.13.0`.
"""

import importlib.util

from benchmarks import timing

BATCH, SENTENCES, WORDS = 64, 12, 7
VOCABULARY, ANSWERS, UNITS, SLOTS = 150, 40, 100, 20


def main():
    """Prints questions per second; a ratio below 1 means ours is faster."""
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
        for phase in "training", "answering":
            milliseconds = times[f"{name}: {phase}"]
            rate = 1e3 * BATCH / milliseconds
            ratio = times[f"ours: {phase}"] / milliseconds
            cells.append(f"{rate:,.0f} | {ratio:.2f}")
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
