"""Piano rolls as pictures."""

import io

import matplotlib.colors
import numpy as np
import pytest
from PIL import Image

from apps.music.cli import figures

VOICES = np.array([[72, 67, 64, 48]] * 4 + [[71, 67, 62, 0]] * 4 + [[-1] * 4])


@pytest.fixture
def roll():
    roll = np.zeros([16, 88], int)
    roll[:6, 39] = roll[10:, 43] = 1
    return roll


def notes_of(axes):
    """Returns corners in beats and pitches by color, without the gaps."""
    return {
        matplotlib.colors.to_hex(notes.get_facecolor()[0], keep_alpha=True): [
            (path.vertices[0, 0], np.ceil(4 * path.vertices[2, 0]) / 4)
            for path in notes.get_paths()
        ]
        for notes in axes.collections
        if len(notes.get_facecolor()) and notes.get_paths()
    }


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_primer_and_its_continuation_have_two_colors(roll):
    (axes,) = figures.piano_roll(roll, 4, primer_frames=4).axes
    assert notes_of(axes) == {
        figures.PRIMER_COLOR + "ff": [(0, 1)],
        # The held note is divided.
        figures.NEW_COLOR + "ff": [(1, 1.5), (2.5, 4)],
    }
    assert legend(axes) == ["primer", "continuation"]
    assert axes.get_xlim() == (0, 4)


def test_voices_have_four_colors():
    (axes,) = figures.piano_roll(VOICES, 4).axes
    colors = [color + "ff" for color in figures.VOICE_COLORS]
    notes = notes_of(axes)
    # A held note is one; what follows the end of the piece is not drawn.
    assert [notes[color] for color in colors] == [
        [(0, 1), (1, 2)],
        [(0, 2)],
        [(0, 1), (1, 2)],
        [(0, 1)],
    ]
    assert legend(axes) == ["Soprano", "Alto", "Tenor", "Bass"]
    assert axes.get_xlim() == (0, 2)


def test_keys_have_names(roll):
    (axes,) = figures.piano_roll(roll, 4, title="test:0").axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert {"C4", "E4"} < set(names)
    assert names.index("C4") < names.index("E4")
    low, high = axes.get_ylim()
    assert low < 60 < 64 < high
    assert axes.get_title("left") == "test:0"
    roll[:, [0, 87]] = 1
    (axes,) = figures.piano_roll(roll, 4).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [f"C{octave}" for octave in range(1, 9)]


def test_the_surprise_of_frames_is_below(roll):
    nats = np.append(np.nan, np.arange(15))
    _, axes = figures.piano_roll(roll, 4, nats=nats).axes
    np.testing.assert_array_equal(
        axes.patches[0].get_data().values, np.append(0, nats[1:])
    )
    assert axes.lines[0].get_ydata()[0] == 7
    assert axes.get_ylabel() == "nats"


@pytest.mark.parametrize("frames", [0, 1])
def test_silence_has_a_chart(frames):
    silent = np.zeros([frames, 88], int)
    figure = figures.piano_roll(silent, 4, nats=np.full(frames, np.nan))
    content = io.BytesIO()
    figure.savefig(content, format="png")
    assert Image.open(content).size[0] == 100 * figures.SHORTEST
