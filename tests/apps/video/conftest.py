"""Small labelers and clips that the tests share."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.video import Video
from apps.video.config import VideoConfig
from apps.video.data import sample
from apps.video.model.labeler import FrameLabeler

SMALL = {"units": 8, "batch_size": 4}
CLIPS = 8


@pytest.fixture(scope="session")
def clips():
    """Pairs of a NumPy file and 24 labels."""
    return list(itertools.islice(sample.draw_clips("train"), CLIPS))


@pytest.fixture(scope="session")
def examples(clips):
    """The clips as raw examples."""
    videos, labels = zip(*clips)
    return tf.data.Dataset.from_tensor_slices(
        ({"video": tf.constant(videos)}, {"labels": tf.constant(labels)})
    )


@pytest.fixture(scope="session")
def create(examples):
    """Returns a function from options to a labeler that is not trained."""

    def create(**options):
        keras.utils.set_random_seed(0)
        config = VideoConfig(**{**SMALL, **options})
        model = FrameLabeler.create(config, examples, 2)
        model.build(None)
        return model

    return create


@pytest.fixture(scope="session")
def model(create):
    """A labeler that is not trained; its functions are traced once."""
    return create()


@pytest.fixture(scope="session")
def app_with(tmp_path_factory):
    """Returns a function from options to an app with few examples."""
    folder = tmp_path_factory.mktemp("video")
    numbers = itertools.count()

    class FewExamples(Video):
        def examples(self, split):
            return super().examples(split).take(CLIPS)

    def create(**options):
        run_dir = str(folder / str(next(numbers)))
        config = {**SMALL, "run_dir": run_dir, **options}
        return FewExamples(VideoConfig(**config))

    return create


@pytest.fixture(scope="session")
def frames():
    """Random frames, uint8 (2, 5, 32, 32, 3)."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (2, 5, 32, 32, 3), "u1")
