"""Translates sentences.

python -m apps.translation
    Trains on the built-in sample, evaluates, exports and answers: minutes.
python -m apps.translation train --flagfile=multi30k_en_de.flags
    Trains with a recipe, here on Multi30k from English to German.
python -m apps.translation train --dataset=MINE.en,MINE.de --run_dir=runs/mine
    Trains on your own sentences: two files, line by line, or MINE.tsv.
python -m apps.translation cross_validate --dataset=MINE.tsv --folds=5
    Trains and scores a model for each fold of your own data.
python -m apps.translation evaluate [--beam_width=5] [--ensemble=runs/a,runs/b]
    Prints BLEU, chrF and perplexity next to word-by-word translation.
python -m apps.translation export
    Writes a SavedModel from text to text: saved_models/translation/1/.
python -m apps.translation predict "A dog runs." "Two men are talking."
    Prints a translation of each sentence; with --alternatives=5 the best five,
    with --heatmap=MINE.png also a figure of the attention.
"""

from apps.translation.config import TranslationConfig
from apps.translation.data import DATASETS
from common.app import App


class Translation(App):
    """Sequence to sequence: translates a sentence."""

    name = "translation"
    Config = TranslationConfig
    datasets = DATASETS
    example_inputs = (
        "Did the 3 old women buy a red bicycle on May 27, 1987?",
        "My friend says that a clever cook will not sell the 21 small clocks.",
        "The girls clean a black bag and paint it.",
    )
    limitations = (
        "It translates one sentence at a time, similar to the training "
        "sentences; translations of other sentences may say things that are "
        "not in the source. Of long sentences only the first tokens are read."
    )

    @staticmethod
    def model_class():
        from apps.translation.model.translator import Translator

        return Translator

    @staticmethod
    def evaluation_class():
        from apps.translation.evaluation.evaluation import TranslationEvaluation

        return TranslationEvaluation

    @staticmethod
    def interface_class():
        from apps.translation.cli.interface import TranslationInterface

        return TranslationInterface

    def load_model(self):
        if not self.config.ensemble:
            return super().load_model()
        from apps.translation.model.ensemble import Ensemble
        from common.training import model_file

        members = model_file.load_ensemble(self, self.config.ensemble)
        return Ensemble(members).with_decoding(self.config)
