"""Recognizes speech: the bytes of a WAV file in, words out.

python -m apps.speech
    Trains on the built-in sample, evaluates, exports and answers.
python -m apps.speech train --dataset=MINE.tsv --run_dir=runs/mine
    Trains on your own recordings: rows file<TAB>transcript.
python -m apps.speech evaluate
    Prints word and character error rates next to those of template matching,
    with intervals.
python -m apps.speech export
    Writes a SavedModel that takes WAV files: saved_models/speech/1/.
python -m apps.speech predict clip.wav folder/ clip.flac test:3
    Prints the transcript of each recording; `-` reads names from standard
    input. --stream shows the words of a recording as they come, --picture
    draws them above its features.
"""

from apps.speech.config import SpeechConfig
from apps.speech.data import DATASETS
from common.app import App


class Speech(App):
    """Speech recognition: predicts the words of a recording."""

    name = "speech"
    Config = SpeechConfig
    datasets = DATASETS
    example_inputs = ("test:0", "test:1", "test:2", "test:3")
    limitations = (
        "It writes the characters of its training transcripts and no others. "
        "Voices, rooms and microphones unlike those of the training recordings "
        "are recognized worse."
    )

    @staticmethod
    def model_class():
        from apps.speech.model.recognizer import Recognizer

        return Recognizer

    @staticmethod
    def evaluation_class():
        from apps.speech.evaluation import SpeechEvaluation

        return SpeechEvaluation

    @staticmethod
    def interface_class():
        from apps.speech.cli.interface import SpeechInterface

        return SpeechInterface
