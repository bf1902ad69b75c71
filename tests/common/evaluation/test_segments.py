"""F1 of segments against values by hand."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from common.evaluation.metrics import segments


@pytest.mark.parametrize(
    ("targets", "predictions", "counts"),
    [
        ("aaabbb", "aaabbb", [2, 0, 0]),
        ("aaabbb", "aabbbb", [2, 0, 0]),  # A shifted boundary.
        ("aaaabb", "abbbbb", [0, 2, 2]),  # By too much: 1/4 and 2/5.
        ("aaaa", "aabb", [1, 1, 0]),  # Half of the union is enough.
        ("aaaaaa", "aaabaa", [1, 2, 0]),  # In pieces; the longer one counts.
        ("aaabaa", "aaaaaa", [1, 0, 2]),
        ("aaabbb", "bbbaaa", [0, 2, 2]),
        ("aabbaa", "aabbaa", [3, 0, 0]),  # A label that comes back.
        ("ab", "cd", [0, 2, 2]),
        ("", "", [0, 0, 0]),
    ],
)
def test_counts_by_hand(targets, predictions, counts):
    actual = segments.overlap_counts(list(targets), list(predictions))
    assert actual.tolist() == counts


def test_a_target_is_taken_once():
    """At a low overlap, two predictions match the same target."""
    counts = segments.overlap_counts(list("aaaaaa"), list("aabbaa"), 0.3)
    assert counts.tolist() == [1, 2, 0]


def test_segments_are_runs():
    assert segments.runs("aab") == [("a", 0, 2), ("b", 2, 3)]
    assert segments.runs("") == []


def test_f1_by_hand():
    assert segments.f1(np.array([2, 1, 3])) == 0.5
    assert segments.f1(np.zeros(3)) == 0.0


@hypothesis.given(st.lists(st.sampled_from("ab"), min_size=1, max_size=12))
def test_a_segmentation_matches_itself(labels):
    count = len(segments.runs(labels))
    assert segments.overlap_counts(labels, labels).tolist() == [count, 0, 0]
