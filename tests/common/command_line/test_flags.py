"""Flags: what a command line gives, and what --help lists."""

import dataclasses

import pytest

from common import config
from common.command_line import flags
from common.errors import UsageError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options(config.Config):
    cell: str = config.option(
        "lstm", "The cell.", group="Model", choices=["lstm", "gru"]
    )
    share: float = config.option(
        0.5, "A share.", group="Model", minimum=0, maximum=1
    )
    wide: bool = config.option(
        True, "A wide one.", group="Advanced", former_name="broad"
    )


def test_words_and_options_can_be_mixed():
    argv = ["x", "train", "--cell=gru", "more", "--nowide", "--epochs=3"]
    words, given = flags.parse(Options, argv)
    assert words == ["train", "more"]
    assert given == {"cell": "gru", "wide": False, "epochs": 3}


def test_everything_after_two_dashes_is_a_word():
    words, given = flags.parse(Options, ["x", "predict", "--", "--epochs=3"])
    assert words == ["predict", "--epochs=3"]
    assert not given


def test_reads_options_from_a_flag_file(tmp_path):
    path = tmp_path / "recipe.flags"
    path.write_text("# A comment.\n--cell=gru\n--epochs=7\n")
    _, given = flags.parse(Options, ["x", f"--flagfile={path}", "--epochs=9"])
    assert given == {"cell": "gru", "epochs": 9}


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--cell=tree", "tree"),
        ("--epoch=3", "Did you mean: epochs"),
        ("--epochs=0", "epochs=0"),
        ("--share=1.5", "share=1.5"),
        ("--epochs=many", "many"),
        ("--batch_size=1000001", "batch_size=1000001"),
        ("--seed=4294967296", "seed=4294967296"),
        (f"--epochs={'9' * 5000}", "epochs"),
        ("--share=nan", "--share must be finite, got nan"),
        ("--learning_rate=inf", "--learning_rate must be finite, got inf"),
        ("--broad", "--broad is now called --wide"),
        ("--flagfile=/no/such.flags", "/no/such.flags"),
    ],
)
def test_names_a_wrong_option(argument, message):
    with pytest.raises(UsageError, match=message):
        flags.parse(Options, ["x", argument])


def test_help_lists_every_option_with_default_and_choices():
    text = flags.help_text(Options)
    for field in dataclasses.fields(Options):
        assert f"--{field.name}" in text
    assert "--cell=lstm" in text
    assert "One of lstm, gru." in text


def test_help_lists_the_advanced_options_last():
    groups = [
        line
        for line in flags.help_text(Options).splitlines()
        if line.endswith(":") and not line.startswith(" ")
    ]
    assert groups == [
        *("Data:", "Model:", "Training:", "Evaluation:", "Files:"),
        "Advanced:",
    ]
