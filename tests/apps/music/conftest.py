"""An app of few pieces, whose model has random weights."""

import itertools

import numpy as np
import pytest

from apps.music import Music
from apps.music.config import MusicConfig
from apps.music.data.pieces import PieceDataset
from tests.apps.music import tiny

PIECES = {"train": 6, "valid": 2, "test": 3}


class FewPieces(PieceDataset):
    """Random pieces, whose true probabilities are known."""

    name = "few"
    help = "A few random pieces."
    license = "synthetic."
    frames_per_beat = 2
    has_voices = True

    def read_pieces(self, split):
        return [
            tiny.voices(9 + number, seed=number)[0].numpy()
            for number in range(PIECES[split])
        ]

    def log_probabilities(self, piece):
        return np.full(len(piece), -2.0)


class FewMusic(Music):
    """The app with these pieces alone."""

    datasets = {"few": FewPieces}


@pytest.fixture(scope="session")
def app_with(tmp_path_factory):
    """Returns a function from options to an app with a model."""
    folder = tmp_path_factory.mktemp("music")
    numbers = itertools.count()

    def create(**options):
        config = MusicConfig(
            dataset="few",
            bars=1,
            run_dir=str(folder / str(next(numbers))),
            **options,
        )
        app = FewMusic(config)
        app.model = tiny.create(config.network).with_decoding(config)
        return app

    return create
