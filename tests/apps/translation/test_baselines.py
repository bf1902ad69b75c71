"""IBM model 1 learns a lexicon; copying copies."""

import numpy as np

from apps.translation.baselines import copy
from apps.translation.baselines import ibm_model_1
from tests.apps.translation import tiny


def test_ibm_model_1_tells_words_apart_by_their_contexts():
    train = tiny.examples(
        [
            ("the house", "das Haus"),
            ("the book", "das Buch"),
            ("a book", "ein Buch"),
        ]
    )
    test = tiny.examples([("a house, a Zebra", "")])
    assert list(ibm_model_1.translations(train, test)) == [
        b"ein Haus, ein Zebra"
    ]
    assert list(copy.translations(test)) == [b"a house, a Zebra"]


def test_ibm_model_1_by_hand():
    # Words 0 and 1 of the source; one sentence has both, one only the first.
    ids = [np.array([0, 1]), np.array([0])]
    targets = [np.array([0, 1]), np.array([0])]
    assert list(ibm_model_1.most_probable(ids, targets, 2)) == [0, 1]
