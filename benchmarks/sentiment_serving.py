"""Measures how fast and how steadily an exported sentiment model answers.

    python -m benchmarks.sentiment_serving saved_models/sentiment/1 [REQUESTS]

Prints the median time of one review of 200 words, and by how much the process
grows over varied requests.
"""

import pathlib
import random
import statistics
import sys
import time


def resident_megabytes():
    """Returns the memory of this process, as Linux counts it."""
    status = pathlib.Path("/proc/self/status").read_text()
    line = next(x for x in status.splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main(path, requests="1000"):
    """Prints times and memory."""
    import tensorflow as tf

    serve = tf.saved_model.load(path).signatures["serving_default"]
    rng = random.Random(0)
    words = ["the", "film", "was", "not", "dull", ",", "but", "good", "é", "!"]

    def review(length):
        """Returns words of the vocabulary, and numbers that are not in it."""
        return " ".join(
            rng.choice(words) if rng.random() < 0.8 else str(rng.random())
            for _ in range(length)
        )

    def ask(texts):
        start = time.perf_counter()
        serve(text=tf.constant(texts))["positive"].numpy()
        return 1000 * (time.perf_counter() - start)

    for length in (1, 10, 100, 200, 1000):  # Warm up.
        ask([review(length)] * 4)
    times = [ask([review(200)]) for _ in range(200)]
    print(
        f"one review of 200 words: median {statistics.median(times):.1f} ms, "
        f"95th percentile {sorted(times)[189]:.1f} ms, {len(times)} times"
    )
    before = resident_megabytes()
    for _ in range(int(requests)):
        ask([review(rng.randint(0, 600)) for _ in range(rng.randint(1, 8))])
    print(
        f"{requests} requests of 1-8 reviews of 0-600 words: "
        f"{before:.0f} MB -> {resident_megabytes():.0f} MB"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
