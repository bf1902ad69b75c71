"""Speed of encoding pictures.

    python -m benchmarks.captioning FOLDER WEIGHTS

Decodes, scales and encodes the JPEG pictures of a folder (up to 512) with
MobileNet (alpha 0.25; WEIGHTS is a file of its weights without the top layers):
by the captioner, and by the loop of the Keras documentation, once with a
`predict` for each picture, once in batches. They take turns; the times are
medians of five rounds.

Then it measures the input of three epochs of training: the first one computes
the features of each picture and caches them, the others read them.
"""

import argparse
import os
import pathlib
import tempfile
import time

BATCH, ROUNDS, PICTURES = 32, 5, 512


def main():
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("weights")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    paths = sorted(options.folder.glob("*.jpg"))[:PICTURES]
    if not paths:
        parser.error(f"no .jpg in {options.folder}.")
    measure_encoding(paths, options.weights)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        measure_epochs(paths, options.weights)


def measure_encoding(paths, weights):
    """Prints pictures per second, and ratios of times."""
    import numpy as np
    import tensorflow as tf
    from keras import applications
    from keras import utils

    from benchmarks import timing

    model = captioner(paths, weights)
    network = model.encoder.network

    def encode():
        for i in range(0, len(paths), BATCH):
            contents = [path.read_bytes() for path in paths[i : i + BATCH]]
            model.features(tf.constant(contents))[0].numpy()

    def pixels(path):
        image = utils.load_img(path, target_size=(224, 224))
        return utils.img_to_array(image)

    def keras_loop(size):
        for i in range(0, len(paths), size):
            images = np.stack([pixels(path) for path in paths[i : i + size]])
            images = applications.mobilenet.preprocess_input(images)
            network.predict(images, verbose=0)

    calls = {
        "captioner, batches of 32": encode,
        "Keras, batches of 32": lambda: keras_loop(BATCH),
        "Keras, one by one": lambda: keras_loop(1),
    }
    times = timing.medians(calls, ROUNDS)
    captioner_time = next(iter(times.values()))
    print("| encoding pictures | pictures / s | time of captioner / its |")
    print("| --- | --- | --- |")
    for name, milliseconds in times.items():
        rate = 1e3 * len(paths) / milliseconds
        ratio = captioner_time / milliseconds
        print(f"| {name} | {rate:.0f} | {ratio:.2f} |")


def measure_epochs(paths, weights):
    """Prints the seconds of the input of each epoch."""
    import tensorflow as tf

    from common.data import batching

    model = captioner(paths, weights)
    contents = tf.constant([paths[0].read_bytes()] * BATCH)
    model.features(contents)  # Warm up.
    start = time.perf_counter()
    batches, steps = batching.training_batches(
        examples(paths), model, config(weights)
    )
    batches = iter(batches)
    times = []
    for _ in range(3):
        for _ in range(steps):
            next(batches)
        times.append(time.perf_counter() - start)
        start = time.perf_counter()
    print("\n| input of epoch | s | first / this |")
    print("| --- | --- | --- |")
    for number, seconds in enumerate(times, 1):
        print(f"| {number} | {seconds:.2f} | {times[0] / seconds:.1f} |")


def captioner(paths, weights):
    """Returns a captioner that is not trained."""
    from apps.captioning.model.captioner import Captioner

    options = config(weights)
    steps = -(-len(paths) // options.batch_size)
    return Captioner.create(options, examples(paths), steps)


def config(weights):
    """Returns the options of a captioner with MobileNet."""
    from apps.captioning.config import CaptioningConfig

    return CaptioningConfig(encoder="mobilenet_025", encoder_weights=weights)


def examples(paths):
    """Returns raw examples, all with the same caption."""
    import tensorflow as tf

    contents = [path.read_bytes() for path in paths]
    return tf.data.Dataset.from_tensor_slices(
        (
            {"image_bytes": contents},
            {"captions": [["a picture"]] * len(paths)},
        )
    )


if __name__ == "__main__":
    main()
