"""Classifies reviews as positive or negative, or by labels of your own.

python -m apps.sentiment
    Trains on the built-in sample, evaluates, exports and answers: one minute.
python -m apps.sentiment train --flagfile=imdb.flags --data_dir=FOLDER
    Trains with a recipe, here on the 50,000 reviews of IMDB.
python -m apps.sentiment train --dataset=MINE.tsv --run_dir=runs/mine
    Trains on your own texts: rows label<TAB>text, with labels of any names;
    with --label_separator="|", several for a text, as in joy|fear<TAB>text.
python -m apps.sentiment cross_validate --dataset=MINE.tsv --folds=5
    Trains and scores a model for each fold of your own data.
python -m apps.sentiment evaluate
    Prints test scores next to those of NB-SVM, with intervals.
python -m apps.sentiment export
    Writes a SavedModel that takes raw text: saved_models/sentiment/1/.
python -m apps.sentiment predict "Not without charm." "A dull film."
    Prints the probability that each review is positive, or the label with the
    highest one, or all labels where a text has several; with --explain also
    the words that contributed most.
"""

from apps.sentiment import config
from apps.sentiment.config import SentimentConfig
from apps.sentiment.data import DATASETS
from common import app


class Sentiment(app.TransferApp):
    """Many-to-one: predicts whether a text is positive, or its label."""

    name = "sentiment"
    Config = SentimentConfig
    datasets = DATASETS
    example_inputs = (
        "Although the plot was dull, the acting was utterly brilliant.",
        "I had wanted the ending to be moving, but nobody in their right "
        "mind could call it touching.",
        "The posters promise that the heroine is charming and they lie.",
        "It was not without charm.",
    )
    limitations = (
        "One opinion per text, in the language and style of the training "
        "reviews: for other texts (news, irony, other languages) the "
        "probability says little. Of long texts only the first and last "
        "words are read."
    )

    @staticmethod
    def other_starts():
        from apps.language_model import LanguageModel

        return {LanguageModel: config.options_from_language_model}

    @staticmethod
    def model_class():
        from apps.sentiment.model.classifier import Classifier

        return Classifier

    @staticmethod
    def evaluation_class():
        from apps.sentiment.evaluation.evaluation import SentimentEvaluation

        return SentimentEvaluation

    @staticmethod
    def interface_class():
        from apps.sentiment.cli.interface import SentimentInterface

        return SentimentInterface

    def load_model(self):
        if not self.config.ensemble:
            return super().load_model()
        from apps.sentiment.model.ensemble import Ensemble
        from common.training import model_file

        return Ensemble(model_file.load_ensemble(self, self.config.ensemble))
