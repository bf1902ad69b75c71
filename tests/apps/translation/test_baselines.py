"""IBM model 1 learns a lexicon; copying copies."""

import collections

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


def lexicon(sources, targets):
    """Returns p(target | source) of IBM model 1 in plain Python.

    Source word -1 is the empty one.
    """
    shares = collections.defaultdict(lambda: 1.0)
    for _ in range(ibm_model_1.ROUNDS):
        counts, totals = collections.Counter(), collections.Counter()
        for source, target in zip(sources, targets):
            for word in target.tolist():
                pairs = [(s, word) for s in [-1, *source.tolist()]]
                total = sum(shares[pair] for pair in pairs)
                for pair in pairs:
                    counts[pair] += shares[pair] / total
                    totals[pair[0]] += shares[pair] / total
        shares = {pair: n / totals[pair[0]] for pair, n in counts.items()}
    return shares


def test_ibm_model_1_equals_plain_python():
    rng = np.random.default_rng(0)
    sources, targets = (
        [(rng.random(n) ** 2 * 9).astype(int) for n in rng.integers(1, 6, 60)]
        for _ in range(2)
    )
    shares = lexicon(sources, targets)
    best = ibm_model_1.most_probable(sources, targets, 9)
    for word, translation in enumerate(best):
        by_target = [shares.get((word, i), 0) for i in range(9)]
        assert max(by_target) == shares[word, translation]
        assert sorted(by_target)[-2] < max(by_target)
