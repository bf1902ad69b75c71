"""Small recognizers and recordings that the tests share."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from apps.speech import Speech
from apps.speech.config import SpeechConfig
from apps.speech.data import recordings as recordings_lib
from apps.speech.data import sample
from apps.speech.model.recognizer import Recognizer
from common.audio import writing

SMALL = {
    "units": 8,
    "depth": 1,
    "mels": 12,
    "batch_size": 4,
    "lookahead": 4,
    "language_model": "",
}
RECORDINGS = 8


@pytest.fixture(scope="session")
def recordings():
    """WAV files with their transcripts and speakers."""
    return list(itertools.islice(sample.draw_recordings("train"), RECORDINGS))


@pytest.fixture(scope="session")
def examples(recordings):
    """The recordings as raw examples."""
    contents, transcripts, _ = zip(*recordings)
    return tf.data.Dataset.from_tensor_slices(
        ({"audio": list(contents)}, {"transcript": list(transcripts)})
    )


@pytest.fixture(scope="session")
def create(examples):
    """Returns a function from options to a recognizer that is not trained.

    Its weights are large, so that it writes characters and not only blanks.
    """

    def create(**options):
        keras.utils.set_random_seed(0)
        config = SpeechConfig(**{**SMALL, **options})
        model = Recognizer.create(config, examples, 2)
        model.build(None)
        rng = np.random.default_rng(0)
        for variable in model.decoder.trainable_variables:
            variable.assign(3 * rng.normal(size=variable.shape))
        if model.encoder.lookahead is not None:
            shape = model.encoder.lookahead.shape
            model.encoder.lookahead.assign(rng.normal(size=shape))
        return model.with_decoding(config)

    return create


@pytest.fixture(scope="session")
def model(create):
    """A recognizer that reads in both directions."""
    return create()


@pytest.fixture(scope="session")
def forward_model(create):
    """A recognizer that reads forward, with n-grams."""
    return create(bidirectional=False, language_model="transcripts")


@pytest.fixture(scope="session")
def wav_files():
    """WAV files of noise of very different lengths, by their samples."""
    rng = np.random.default_rng(0)
    return {
        count: writing.wav_file(rng.normal(0, 0.1, count), 8000)
        for count in (1, 100, 3000, 8123, 20_000)
    }


@pytest.fixture(scope="session")
def app_with(recordings, tmp_path_factory):
    """Returns a function from options to an app of the recordings."""
    folder = tmp_path_factory.mktemp("speech")
    numbers = itertools.count()

    class FewExamples(Speech):
        def examples(self, split):
            return recordings_lib.examples(recordings)

    def create(**options):
        run_dir = str(folder / str(next(numbers)))
        config = {**SMALL, "run_dir": run_dir, **options}
        return FewExamples(SpeechConfig(**config))

    return create
