"""Metrics of segmentations in time: runs of items with the same label."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Segment(NamedTuple):
    """A run of items with the same label.

    Attributes:
      label: Of all its items.
      start: Index of the first item.
      end: Index after the last one.
    """

    label: object
    start: int
    end: int


def runs(labels: Sequence) -> list[Segment]:
    """Returns the segments of a sequence of labels."""
    bounds = [i for i in range(1, len(labels)) if labels[i] != labels[i - 1]]
    edges = [0, *bounds, len(labels)] if len(labels) else []
    return [Segment(labels[a], a, b) for a, b in zip(edges, edges[1:])]


def overlap_counts(
    targets: Sequence, predictions: Sequence, overlap: float = 0.5
) -> np.ndarray:
    """Returns true positives, false positives and false negatives, (3,).

    A predicted segment is a true positive if its intersection with the target
    segment of the same label that it overlaps most is at least `overlap` of
    their union, and no earlier prediction has taken that target. So one
    shifted boundary costs nothing, and a segment in pieces does.

    Args:
      targets: The label of each item.
      predictions: The same, and as many.
      overlap: Share of intersection in union, above 0.

    Reference: Lea et al., Temporal Convolutional Networks for Action
    Segmentation and Detection, 2017 (F1@50 is that of an overlap of 0.5).
    """
    expected, predicted = runs(targets), runs(predictions)
    taken: set[Segment] = set()
    for segment in predicted:
        shares = [(_overlap(segment, target), target) for target in expected]
        share, best = max(shares, key=lambda pair: pair[0])
        if share >= overlap:
            taken.add(best)
    hits = len(taken)
    return np.array([hits, len(predicted) - hits, len(expected) - hits])


def _overlap(first, second):
    """Returns the share of the intersection in the union."""
    if first.label != second.label:
        return 0.0
    shared = min(first.end, second.end) - max(first.start, second.start)
    shared = max(0, shared)
    sizes = first.end - first.start + second.end - second.start
    return shared / (sizes - shared)


def f1(counts: np.ndarray) -> float:
    """Returns the F1 of summed counts; see `overlap_counts`."""
    hits, false_positives, false_negatives = counts
    total = 2 * hits + false_positives + false_negatives
    return float(2 * hits / total) if total else 0.0
