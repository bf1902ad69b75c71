"""Statistics of pieces, and pieces that have collapsed."""

import numpy as np
import pytest

from apps.music.data import grammar
from apps.music.data import rolls
from apps.music.evaluation import collapse
from apps.music.evaluation import statistics

CHORDS = np.array(
    [
        [72, 67, 64, 48],
        [72, 67, 64, 48],
        [74, 67, 62, 55],
        [74, 69, 62, 50],
        [72, 67, 64, 48],
        [74, 65, 62, 50],
        [0, 0, 0, 0],
        [72, 65, 60, 53],
    ]
)


def test_statistics_of_voices_and_rolls():
    of_voices = statistics.describe(CHORDS, 2)
    of_roll = statistics.describe(rolls.of_voices(CHORDS), 2)
    assert {name: of_voices[name] for name in of_roll} == of_roll
    assert of_roll == {
        "distinct_pitches": 12,
        "repeat_share": pytest.approx(1 / 7),
        "note_density": 28 / 8,
        "range": 74 - 48,
    }


def test_parallels_are_counted_by_interval():
    # Soprano and bass from D to C and back.
    assert statistics.count_parallels(CHORDS, 0) == 2
    # Alto and bass from A over D to G over C; the way back is contrary.
    assert statistics.count_parallels(CHORDS, 7) == 1
    assert statistics.describe(CHORDS, 2)["parallel_fifths"] == 1
    assert statistics.describe(CHORDS, 4)["parallel_octaves"] == 4


def test_contrary_and_oblique_motion_is_not_parallel():
    contrary = np.array([[72, 60], [77, 53]])
    oblique = np.array([[72, 60], [72, 60], [72, 48]])
    for piece in (contrary, oblique):
        assert statistics.count_parallels(piece, 0) == 0


def test_silence_has_statistics():
    silence = statistics.describe(np.zeros([4, 88], int), 1)
    assert silence["distinct_pitches"] == silence["range"] == 0
    assert silence["repeat_share"] == 1


def test_statistics_of_several_pieces_are_means():
    pieces = [CHORDS[:2], CHORDS[2:4]]
    assert statistics.summarize(pieces, 2)["repeat_share"] == 0.5


@pytest.fixture(scope="module")
def music():
    rng = np.random.default_rng(0)
    return [grammar.draw(rng, shortest=64) for _ in range(60)]


@pytest.fixture(scope="module")
def detector(music):
    return collapse.CollapseDetector(music[:40], 2)


def test_music_has_not_collapsed(music, detector):
    assert not any(map(detector.reason, music[40:]))


@pytest.mark.parametrize(
    ("piece", "reason"),
    [
        (np.tile(CHORDS[:1], [64, 1]), "one chord"),
        (np.zeros([64, 4], int), "silence"),
        (np.tile(CHORDS[2:4], [32, 1]), "a loop of 2 frames"),
        (np.tile(CHORDS[1:6], [10, 1]), "a loop of 5 frames"),
    ],
)
def test_collapses_are_named(piece, reason, music, detector):
    assert detector.reason(piece) == reason
    # It began well.
    begun = np.concatenate([music[50], piece])
    assert detector.reason(begun) == reason


def test_a_collapse_is_judged_next_to_the_data():
    """Where the data hold each chord for long, long chords are music."""
    rng = np.random.default_rng(1)
    static = [
        np.repeat(rng.integers(50, 70, [8, 4]), 16, axis=0) for _ in range(30)
    ]
    lively = [rng.integers(50, 70, [128, 4]) for _ in range(30)]
    assert not collapse.CollapseDetector(static, 4).reason(static[0])
    assert collapse.CollapseDetector(lively, 4).reason(static[0])


def test_short_pieces_are_judged_by_few_lags(detector):
    assert not detector.reason(CHORDS[2:5])
    assert detector.reason(CHORDS[:0]) == "silence"
