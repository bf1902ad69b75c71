"""Moving MNIST: two handwritten digits that move across black frames."""

import functools
import pathlib

from apps.video_forecast.data import clip_dataset
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
        from apps.video_forecast.data import digits

        name, part, count = SPLITS[split]
        path = self._path(name)
        pictures = digits.read(path)
        if len(pictures) < part.stop:
            raise UserError(
                f"{path} has {len(pictures):,} digits; this split needs "
                f"{part.stop:,}: download MNIST again."
            )
        clip = functools.partial(digits.clip, pictures[part])
        return self.of_clips(clip, count, SEEDS[split])

    def _path(self, name):
        """Returns the path of a file, packed or unpacked."""
        if not self.config.data_dir:
            return downloads.fetch(URL + name, *FILES[name])
        folder = pathlib.Path(self.config.data_dir)
        for path in (folder / name, folder / name.removesuffix(".gz")):
            if path.exists():
                return path
        raise UserError(
            f"--data_dir={folder} has no {name}: pass the folder of MNIST."
        )
