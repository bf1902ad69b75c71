"""Describes pictures in a sentence.

python -m apps.captioning
    Trains on the built-in sample, evaluates, exports and answers: six minutes.
python -m apps.captioning train --flagfile=flickr8k.flags --data_dir=FOLDER
    Trains with a recipe, here on the photographs of Flickr8k.
python -m apps.captioning train --dataset=MINE.tsv --run_dir=runs/mine
    Trains on your own pictures: rows file<TAB>caption.
python -m apps.captioning cross_validate --dataset=MINE.tsv --folds=5
    Trains and scores a model for each fold of your own data.
python -m apps.captioning evaluate --beam_width=5
    Prints BLEU, ROUGE-L and CIDEr-D next to those of the captions of the most
    similar training pictures, with intervals.
python -m apps.captioning export
    Writes a SavedModel that takes picture files: saved_models/captioning/1/.
python -m apps.captioning predict photo.jpg folder test:3
    Prints a line file<TAB>caption for each picture, here of a file, of a
    folder, and the fourth test example; `-` reads names from standard input.
    With --alternatives=5 five captions of each, with --diversity=1 different
    ones; --attention_map=FILE.png draws the attention of each word, and
    --sheet=FILE.png all pictures with captions.
"""

from apps.captioning.config import CaptioningConfig
from apps.captioning.data import DATASETS
from common.app import App


class Captioning(App):
    """Image captioning: generates a sentence that describes a picture."""

    name = "captioning"
    Config = CaptioningConfig
    datasets = DATASETS
    example_inputs = ("test:0", "test:1", "test:2", "test:3")
    limitations = (
        "It describes what its training pictures show, in their words; in "
        "other pictures, it may invent objects that are not there. It does "
        "not read text in pictures, and does not know names."
    )

    @staticmethod
    def model_class():
        from apps.captioning.model.captioner import Captioner

        return Captioner

    @staticmethod
    def evaluation_class():
        from apps.captioning.evaluation import CaptioningEvaluation

        return CaptioningEvaluation

    @staticmethod
    def interface_class():
        from apps.captioning.cli.interface import CaptioningInterface

        return CaptioningInterface
