"""Measures how fast an exported speech recognizer answers.

    python -m benchmarks.speech saved_models/speech/1 [--rounds=200]

Prints the median time and the 95th percentile of a second of audio, and, of a
model that reads forward, the time of computation per second of audio in a
stream that comes in chunks of 100 ms. TensorFlow has one thread: one core.
"""

import argparse
import json
import pathlib
import statistics
import time

import numpy as np

SECONDS = 1.0  # Of a recording.
STREAM_SECONDS = 10.0
CHUNK_SECONDS = 0.1
WARM_UP = 10  # Calls before those that are measured.


def sample_rate(version):
    """Returns the rate of the model of an export, in Hz."""
    path = version / "assets.extra" / "config.json"
    return json.loads(path.read_text())["sample_rate"]


def noise(seconds, rate):
    """Returns samples of white noise, float32 (time,)."""
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.1, int(seconds * rate)).astype(np.float32)


def latency(model, rate, rounds):
    """Returns the times of a second of audio as a WAV file, in ms."""
    import tensorflow as tf

    from common.audio import writing

    serve = model.signatures["serving_default"]
    audio = tf.constant([writing.wav_file(noise(SECONDS, rate), rate)])
    times = []
    for _ in range(WARM_UP + rounds):
        start = time.perf_counter()
        serve(audio=audio)["transcript"].numpy()
        times.append(1000 * (time.perf_counter() - start))
    return times[WARM_UP:]


def real_time_factors(model, rate, rounds):
    """Returns the times of streams per second of audio."""
    import tensorflow as tf

    signatures = [model.signatures[n] for n in ("start", "step", "flush")]
    begin, step, flush = signatures
    samples = noise(STREAM_SECONDS, rate)[None]
    size = int(CHUNK_SECONDS * rate)
    factors = []
    for _ in range(1 + rounds):  # The first one warms up.
        start = time.perf_counter()
        state = begin(stream=tf.constant([0]))
        for place in range(0, samples.shape[1], size):
            chunk = tf.constant(samples[:, place : place + size])
            outputs = step(samples=chunk, **state)
            outputs["transcript"].numpy()
            state = {name: outputs[name] for name in state}
        flush(**state)["transcript"].numpy()
        factors.append((time.perf_counter() - start) / STREAM_SECONDS)
    return factors[1:]


def measure(version, rounds):
    """Prints the times of an exported model."""
    import tensorflow as tf

    rate, model = sample_rate(version), tf.saved_model.load(version)
    times = sorted(latency(model, rate, rounds))
    print(
        f"one second of audio: median {statistics.median(times):.1f} ms, 95th "
        f"percentile {times[int(0.95 * (len(times) - 1))]:.1f} ms, "
        f"{len(times)} times"
    )
    if "step" not in model.signatures:
        print("no streams: the model reads in both directions")
        return
    factors = real_time_factors(model, rate, max(1, rounds // 20))
    print(
        f"a stream in chunks of {CHUNK_SECONDS:g} s: real-time factor "
        f"{statistics.median(factors):.3f}, {len(factors)} times "
        f"{STREAM_SECONDS:g} s"
    )


def main():
    """Measures on one core."""
    import tensorflow as tf

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    measure(options.version, options.rounds)


if __name__ == "__main__":
    main()
