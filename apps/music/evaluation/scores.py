"""Scores of frames, each given those before it.

All are computed from the second frame on, of all frames of all pieces together,
as in the tables of Boulanger-Lewandowski et al. 2012 and later work. Rows of -1
pad pieces and do not count.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class FrameCounts(NamedTuple):
    """Numbers of notes: correct, too many, and missing."""

    true_positives: int
    false_positives: int
    false_negatives: int


def count_notes(roll: np.ndarray, predicted: np.ndarray) -> FrameCounts:
    """Returns the numbers of correct, added and missing notes of a piece.

    Args:
      roll: (frames, 88) of 0 and 1; rows of -1 are padding.
      predicted: The most probable frames, (frames, 88) of 0 and 1.
    """
    is_frame = roll[1:, :1] >= 0
    notes, answers = (roll[1:] > 0) & is_frame, (predicted[1:] > 0) & is_frame
    return FrameCounts(
        int((notes & answers).sum()),
        int((~notes & answers).sum()),
        int((notes & ~answers).sum()),
    )


def frame_accuracy(counts: FrameCounts) -> float:
    """Returns TP / (TP + FP + FN); 1 where there are no notes.

    Reference: Bay, Ehmann & Downie, Evaluation of Multiple-F0 Estimation and
    Tracking Systems, 2009.
    """
    return counts.true_positives / sum(counts) if sum(counts) else 1.0


def f1(counts: FrameCounts) -> float:
    """Returns 2 TP / (2 TP + FP + FN); 1 where there are no notes."""
    doubled = counts.true_positives + sum(counts)
    return 2 * counts.true_positives / doubled if doubled else 1.0
