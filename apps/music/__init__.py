"""Composes music: continues, harmonizes and scores pieces; MIDI in, MIDI out.

python -m apps.music
    Trains on the built-in sample, evaluates, exports and answers.
python -m apps.music train --dataset=FOLDER --network=nade --run_dir=runs/mine
    Trains on the .mid files of a folder.
python -m apps.music evaluate
    Prints the nats per frame next to those of Markov chains, with intervals,
    and how generated pieces compare with those of the data set.
python -m apps.music export
    Writes a SavedModel that takes piano rolls and returns .mid files:
    saved_models/music/1/.
python -m apps.music predict primer.mid folder/ test:3
    Continues each piece by --bars bars: a .mid file, a picture and a preview
    as .wav.
python -m apps.music generate 3 --key=G
    Composes three pieces.
python -m apps.music harmonize soprano.mid
    Adds alto, tenor and bass; needs a run with --network=voices, the default.
python -m apps.music score piece.mid
    Prints the nats per frame of a piece, and its most surprising frames.
"""

from apps.music.config import MusicConfig
from apps.music.data import DATASETS
from common.app import App


class Music(App):
    """Many-to-many: predicts the notes of each next frame of a piece."""

    name = "music"
    Config = MusicConfig
    datasets = DATASETS
    example_inputs = ("test:0", "test:1", "test:2")
    limitations = (
        "It composes in the style and the rhythm of its training pieces: "
        "a frame has a fixed length, and a repeated note is a held one. It "
        "does not plan a whole piece."
    )

    @staticmethod
    def model_class():
        from apps.music.model.composer import Composer

        return Composer

    @staticmethod
    def evaluation_class():
        from apps.music.evaluation.evaluation import MusicEvaluation

        return MusicEvaluation

    @staticmethod
    def interface_class():
        from apps.music.cli.interface import MusicInterface

        return MusicInterface
