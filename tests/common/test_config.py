"""Options: from the dataclass to the command line and back."""

import dataclasses

from common import config


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


def test_options_that_change_answers_are_listed():
    options = Options(average_epochs=3, epochs=4, run_dir="a")
    assert config.answer_options(options) == {"average_epochs": 3}
