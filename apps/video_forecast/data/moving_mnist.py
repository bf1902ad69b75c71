"""Moving MNIST: two handwritten digits that move across black frames."""

import functools
import pathlib

import numpy as np

from apps.video_forecast.data import clip_dataset
from apps.video_forecast.data import motion
from common.data import archives
from common.data import downloads
from common.errors import UserError

URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
FILES = {  # As published: SHA-256, bytes.
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        9_912_422,
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        1_648_877,
    ),
}
# Of each split: its file, the digits in it, the number of clips.
SPLITS = {
    "train": ("train-images-idx3-ubyte.gz", slice(0, 55_000), 10_000),
    "valid": ("train-images-idx3-ubyte.gz", slice(55_000, 60_000), 500),
    "test": ("t10k-images-idx3-ubyte.gz", slice(0, 10_000), 10_000),
}
SEEDS = {"train": 1, "valid": 2, "test": 3}
SIDE, DIGIT_SIDE = 64, 28  # Pixels.
DIGITS = 2
STEP = 0.1  # Of the way that a digit has, from one frame to the next.
HEADER = 16  # Bytes of an IDX file before its pixels.


class MovingMnist(clip_dataset.ClipDataset):
    """Clips of 64 x 64 pixels, made from MNIST by the published protocol.

    The published test clips are not those made here: the digits, starts and
    directions of all clips come from fixed seeds. The digits of the test clips
    are from the test split of MNIST.

    Reference: Srivastava et al., Unsupervised Learning of Video
    Representations using LSTMs, 2015.
    """

    name = "moving_mnist"
    help = (
        "10,000 training and 10,000 test clips of two moving digits, made from "
        "MNIST by the protocol of Srivastava et al. 2015; not the published "
        "clips."
    )
    license = "MNIST of LeCun, Cortes and Burges; CC BY-SA 3.0."
    files = "train-images-idx3-ubyte.gz and t10k-images-idx3-ubyte.gz."

    def examples(self, split):
        digits, count = self._digits(split), SPLITS[split][2]
        frames = self.config.context + self.config.horizon

        def clip(number):
            rng = np.random.default_rng([SEEDS[split], number])
            return _clip(rng, digits, frames)

        return self.of_clips(clip, count)

    def _digits(self, split):
        name, part, _ = SPLITS[split]
        return self._pictures(name)[part]

    @functools.cache  # noqa: B019 - as long as the data set.
    def _pictures(self, name):
        """Returns the digits of a file, uint8 (digits, rows, columns)."""
        if self.config.data_dir:
            path = _path(pathlib.Path(self.config.data_dir), name)
        else:
            path = downloads.fetch(URL + name, *FILES[name])
        content = archives.read_file(path)
        count = int.from_bytes(content[4:8], "big")
        expected = b"\0\0\x08\x03" + content[4:8] + 2 * b"\0\0\0\x1c"
        size = HEADER + count * DIGIT_SIDE**2
        if content[:HEADER] != expected or len(content) != size:
            raise UserError(
                f"{path} is not an IDX file of {DIGIT_SIDE} x {DIGIT_SIDE} "
                f"pictures: download {URL}{name} again."
            )
        pixels = np.frombuffer(content, np.uint8, offset=HEADER)
        return pixels.reshape(count, DIGIT_SIDE, DIGIT_SIDE)


def _path(folder, name):
    """Returns the path of a file, packed or unpacked."""
    for path in (folder / name, folder / name.removesuffix(".gz")):
        if path.exists():
            return path
    raise UserError(
        f"--data_dir={folder} has no {name}: pass the folder of MNIST."
    )


def _clip(rng, digits, frames):
    """Returns a clip, uint8 (frames, rows, columns)."""
    chosen = digits[rng.integers(0, len(digits), DIGITS)]
    path = motion.positions(rng, DIGITS, frames, STEP)
    clip = np.zeros((frames, SIDE, SIDE), np.uint8)
    for number, digit in enumerate(chosen):
        motion.paste(clip, digit, path[:, number])
    return clip
