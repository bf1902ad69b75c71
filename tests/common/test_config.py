"""Options: which of them change the answers of a trained model."""

from common import config


def test_options_that_change_answers_are_listed():
    options = config.Config(average_epochs=3, epochs=4, run_dir="a")
    assert config.answer_options(options) == {"average_epochs": 3}
