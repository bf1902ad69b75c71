"""Speed of looking at pictures.

    python -m benchmarks.captioning FOLDER WEIGHTS

Times how fast the files of a folder of JPEG pictures (up to 512) are decoded,
scaled, and seen by MobileNet (alpha 0.25; WEIGHTS is a file of its weights
without the top layers): by the captioner, and by the loop of the Keras
documentation, once with a `predict` for each picture, once for batches. Ours
and theirs run in turns; medians of five rounds.

Then the input of two epochs of training: in the first, each picture is seen,
and what was seen is kept; in the second, it is read.
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
    looking(paths, options.weights)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        epochs(paths, options.weights)


def looking(paths, weights):
    """Prints pictures a second, and the times of ours beside the others'."""
    import numpy as np
    from keras import applications
    from keras import utils

    from benchmarks import timing

    model = captioner(paths, weights)
    network = model.encoder.network

    def ours():
        for i in range(0, len(paths), BATCH):
            contents = [path.read_bytes() for path in paths[i : i + BATCH]]
            model.see(contents)[0].numpy()

    def pixels(path):
        image = utils.load_img(path, target_size=(224, 224))
        return utils.img_to_array(image)

    def keras_loop(size):
        for i in range(0, len(paths), size):
            images = np.stack([pixels(path) for path in paths[i : i + size]])
            images = applications.mobilenet.preprocess_input(images)
            network.predict(images, verbose=0)

    calls = {
        "ours, batches of 32": ours,
        "Keras, batches of 32": lambda: keras_loop(BATCH),
        "Keras, one by one": lambda: keras_loop(1),
    }
    times = timing.medians(calls, ROUNDS)
    own = next(iter(times.values()))
    print("| looking at pictures | pictures / s | time of ours / its |")
    print("| --- | --- | --- |")
    for name, time_ in times.items():
        rate = 1e3 * len(paths) / time_
        print(f"| {name} | {rate:.0f} | {own / time_:.2f} |")


def epochs(paths, weights):
    """Prints the seconds of the input of the first and the second epoch."""
    import tensorflow as tf

    from common.data import batching

    model = captioner(paths, weights)
    model.see(tf.constant([paths[0].read_bytes()] * BATCH))  # Warm up.
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
    print("\n| input of an epoch | s | the first / this |")
    print("| --- | --- | --- |")
    for number, seconds in enumerate(times, 1):
        print(f"| {number} | {seconds:.2f} | {times[0] / seconds:.1f} |")


def captioner(paths, weights):
    """Returns a captioner that is not trained."""
    from apps.captioning import model

    return model.Captioner.create(config(weights), examples(paths))


def config(weights):
    """Returns the options of a captioner with MobileNet."""
    from apps.captioning.options import CaptioningConfig

    return CaptioningConfig(encoder="mobilenet_025", encoder_weights=weights)


def examples(paths):
    """Returns raw examples, all with one caption."""
    import tensorflow as tf

    contents = [path.read_bytes() for path in paths]
    return tf.data.Dataset.from_tensor_slices(
        ({"image_bytes": contents}, ["a picture"] * len(paths))
    )


if __name__ == "__main__":
    main()
