"""The page of the app: its editor fits the network and its training pieces."""

import pytest

from apps.music.cli import demo_page
from apps.music.config import MusicConfig
from apps.music.model.arguments import Arguments


def describe(network, ranges):
    config = MusicConfig(tempo=90.0, temperature=0.5, primer_bars=3)
    arguments = Arguments(
        network=network,
        frames_per_beat=2,
        ranges=ranges,
        cell="gru",
        units=8,
        depth=1,
        frame_units=8,
        attention_frames=0,
        dropout=0.0,
        transpose=0,
        window=8,
    )
    return demo_page.describe(config, arguments)


@pytest.mark.parametrize("network", ["keys", "nade", "melody"])
def test_rolls_are_continued_and_scored(network):
    page = describe(network, [[20, 60]])
    (editor,) = page.inputs
    assert (editor.name, editor.voices, editor.melody) == ("roll", 0, "")
    assert (editor.frames_per_beat, editor.tempo) == (2, 90.0)
    assert [(view.kind, view.signature) for view in page.views] == [
        ("piano_roll", "serving_default"),
        ("frame_surprise", "score"),
    ]


def test_voices_are_also_harmonized():
    page = describe("voices", [[40, 60], [0, 0], [30, 50], [20, 40]])
    (editor,) = page.inputs
    assert (editor.name, editor.voices) == ("voices", 4)
    assert editor.melody == "soprano"
    harmonized = page.views[1]
    assert (harmonized.signature, harmonized.given) == ("harmonize", "soprano")
    # A melody is read whole, whatever --primer_bars says.
    assert [view.given_frames for view in page.views[:2]] == [24, 0]
    assert harmonized.arguments == {
        "temperature": 0.5,
        "top_p": 1.0,
        "tempo": 90.0,
        "seed": 0,
    }


@pytest.mark.parametrize(
    ("ranges", "pitches"),
    [
        ([[20, 60]], (38, 82)),  # Two keys more than from 40 to 80.
        ([[40, 60], [0, 0], [20, 40]], (38, 82)),
        ([[1, 88]], (21, 108)),
        ([[0, 0]], (21, 23)),
    ],
)
def test_the_editor_has_the_keys_of_the_training_pieces(ranges, pitches):
    (editor,) = describe("keys", ranges).inputs
    assert (editor.lowest, editor.highest) == pitches
