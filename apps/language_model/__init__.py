"""Predicts the next word or character of a text, and generates text.

python -m apps.language_model
    Trains on the built-in sample, evaluates, exports and answers: one minute.
python -m apps.language_model train --flagfile=zaremba_small.flags \\
    --data_dir=FOLDER
    Trains with a recipe, here a small network on the Penn Treebank.
python -m apps.language_model train --dataset=MINE.txt --run_dir=runs/mine
    Trains on your own text; with --level=character on its characters.
python -m apps.language_model evaluate --cache_size=500 --dynamic --plot
    Prints the perplexity next to those of n-gram models; the options add a
    continuous cache, dynamic evaluation and a figure.
python -m apps.language_model export
    Writes a SavedModel that takes and returns text:
    saved_models/language_model/1/.
python -m apps.language_model predict "the company said" "the dogs near"
    Continues each text to the end of its line.
python -m apps.language_model generate "the company"
    Generates a page of --page_length tokens.
"""

from apps.language_model.config import LanguageModelConfig
from apps.language_model.data import DATASETS
from common.app import App


class LanguageModel(App):
    """Many-to-many: predicts the probability of each next token."""

    name = "language_model"
    Config = LanguageModelConfig
    datasets = DATASETS
    example_inputs = (
        "the company that the old farmers",
        "the dogs near the bank [ red { blue",
        "the printer",
    )
    limitations = (
        "It has the vocabulary and the style of the training text. It does "
        "not know whether what it generates is true. Of a long prefix only the "
        "last 1,023 tokens are read."
    )

    @staticmethod
    def model_class():
        from apps.language_model.model import language_model

        return language_model.LanguageModel

    @staticmethod
    def evaluation_class():
        from apps.language_model.evaluation import evaluation

        return evaluation.LanguageModelEvaluation

    @staticmethod
    def interface_class():
        from apps.language_model.cli.interface import LanguageModelInterface

        return LanguageModelInterface
