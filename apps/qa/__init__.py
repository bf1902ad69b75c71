"""Answers questions about stories, and names the sentences it relies on.

python -m apps.qa
    Trains on the built-in sample, evaluates, exports and answers: two minutes.
python -m apps.qa train --flagfile=babi_1k_memory.flags --data_dir=FOLDER
    Trains with a recipe, here a memory network on the twenty bAbI tasks.
python -m apps.qa train --dataset=MINE.txt --run_dir=runs/mine
    Trains on your own stories, in the format of bAbI.
python -m apps.qa cross_validate --dataset=MINE.txt --folds=5
    Trains and scores a model for each fold of your own data.
python -m apps.qa evaluate
    Prints the accuracy of each task next to that of answers without reading.
python -m apps.qa export
    Writes a SavedModel that takes raw text: saved_models/qa/1/.
python -m apps.qa predict "Ben took the cup. Ben left. Who holds the cup?"
    Prints the answer, its probability and the supporting sentences. The last
    sentence is the question; the story of --story=FILE comes first. With
    --explain also how strongly each sentence was read.
python -m apps.qa chat
    Answers questions about a story that you tell line by line.
"""

from apps.qa.config import QAConfig
from apps.qa.data import DATASETS
from common.app import App


class QA(App):
    """Many-to-one over sentences: answers a question about a story."""

    name = "qa"
    Config = QAConfig
    datasets = DATASETS
    example_inputs = (
        "Anna went to the attic. Ben went to the office. Where is Anna?",
        "Ben moved to the garden. Ben took the cup. Ben walked to the office. "
        "Where is the cup?",
        "Clara went to the cellar. Clara took the lamp. Clara picked up the "
        "ball. Clara dropped the lamp. What does Clara hold?",
        "David went to the attic. David took the ball. Anna moved to the "
        "attic. David gave the ball to Anna. Who holds the ball?",
    )
    limitations = (
        "It knows the words and the kinds of questions of its training "
        "stories, and gives one of their answers to any question. Unknown "
        "words are mapped to one placeholder token. The supporting sentences "
        "are those that it read most strongly; they need not be the reasons "
        "of its answer."
    )

    @staticmethod
    def model_class():
        from apps.qa.model.answerer import Answerer

        return Answerer

    @staticmethod
    def evaluation_class():
        from apps.qa.evaluation import QAEvaluation

        return QAEvaluation

    @staticmethod
    def interface_class():
        from apps.qa.cli.interface import QAInterface

        return QAInterface
