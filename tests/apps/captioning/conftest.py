"""Small captioners and pictures that the tests share."""

import io
import itertools

import keras
import pytest
import tensorflow as tf
from PIL import Image

from apps.captioning import Captioning
from apps.captioning.config import CaptioningConfig
from apps.captioning.data import sample
from apps.captioning.model.captioner import Captioner
from apps.captioning.model.encoder import Encoder

SMALL = {"image_size": 32, "embedding_size": 8, "units": 8, "batch_size": 4}
SCENES = 24


@pytest.fixture(scope="session")
def scenes():
    """Pairs of a PNG file and five captions."""
    return list(sample.Scenes(SCENES, "train"))


@pytest.fixture(scope="session")
def examples(scenes):
    """The scenes as raw examples."""
    files, captions = zip(*scenes)
    return tf.data.Dataset.from_tensor_slices(
        (
            {"image_bytes": tf.constant(files)},
            {"captions": tf.constant(captions)},
        )
    )


@pytest.fixture(scope="session")
def create(examples):
    """Returns a function from options to a captioner that is not trained."""

    def create(**options):
        keras.utils.set_random_seed(0)
        config = CaptioningConfig(**{**SMALL, **options})
        steps = -(-SCENES // config.batch_size)
        model = Captioner.create(config, examples, steps)
        model.build(None)
        return model

    return create


@pytest.fixture(scope="session")
def model(create):
    """A captioner that is not trained; its functions are traced once."""
    return create()


@pytest.fixture(scope="session")
def pictures(scenes):
    """Five PNG files, string (5,)."""
    return tf.constant([png for png, _ in scenes[:5]])


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A file of weights of MobileNet; the feature cache is in `tmp_path`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keras.utils.set_random_seed(1)
    encoder = Encoder("mobilenet_025", 32, True)
    for variable in encoder.network.weights:
        if variable.name == "kernel":
            # As large as if trained, so that features depend on the picture.
            variable.assign(3 * variable)
    path = tmp_path / "mobilenet.weights.h5"
    encoder.network.save_weights(path)
    return path


@pytest.fixture(scope="session")
def app_with(tmp_path_factory):
    """Returns a function from options to an app with few examples."""
    folder = tmp_path_factory.mktemp("captioning")
    numbers = itertools.count()

    class FewExamples(Captioning):
        def examples(self, split):
            return super().examples(split).take(SCENES)

    def create(**options):
        run_dir = str(folder / str(next(numbers)))
        config = {**SMALL, "run_dir": run_dir, **options}
        return FewExamples(CaptioningConfig(**config))

    return create


@pytest.fixture
def folder(scenes, tmp_path):
    """A folder with two photos, and with files that are not readable."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for i, (png, _) in enumerate(scenes[:2]):
        image = Image.open(io.BytesIO(png))
        image.save(photos / f"{i}.jpg")
    (photos / "notes.txt").write_text("x")
    truncated = (photos / "0.jpg").read_bytes()[:-200]
    (tmp_path / "truncated.jpg").write_bytes(truncated)
    (tmp_path / "text.jpg").write_text("Not a picture.")
    return tmp_path
