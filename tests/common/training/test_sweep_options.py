"""Values of options are read, checked and combined."""

import pytest

from common.errors import UsageError
from common.training import sweep_options
from tests.common import conftest


def options(values, **config):
    return sweep_options.combinations(conftest.ToyConfig(**config), values)


def test_words_become_values_of_the_type_of_the_option():
    text = "batch_size = 4, 8; --slope=2;encoding=utf-8,cp1252;"
    assert sweep_options.parse(conftest.ToyConfig, text) == {
        "batch_size": [4, 8],
        "slope": [2.0],
        "encoding": ["utf-8", "cp1252"],
    }


def test_every_combination_is_tried_once():
    assert options({"slope": [1, 2.0], "batch_size": [4, 8, 4]}) == [
        {"slope": 1.0, "batch_size": 4},
        {"slope": 1.0, "batch_size": 8},
        {"slope": 2.0, "batch_size": 4},
        {"slope": 2.0, "batch_size": 8},
    ]


def test_more_trials_include_those_of_fewer():
    values = {"slope": range(100), "batch_size": range(1, 101)}
    few, more = (options(values, trials=n, seed=3) for n in (5, 50))
    assert more[:5] == few
    assert len({tuple(trial.values()) for trial in more}) == 50
    assert options(values, trials=5, seed=4) != few


def test_trials_are_not_more_than_the_combinations():
    values = {"slope": [1, 2, 3]}
    assert options(values, trials=9) == options(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r'needs options with values, as in --values="units=64,128;'),
        (";", "needs options with values"),
        ("slope", "--values: 'slope' has no values: write --values="),
        ("slope=1;slope=2", "--values: 'slope' is named twice"),
    ],
)
def test_a_text_of_another_form_is_refused(text, message):
    with pytest.raises(UsageError, match=message):
        sweep_options.parse(conftest.ToyConfig, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slop=1", "There is no option 'slop': did you mean 'slope'"),
        ("slope=1;batch_size=4,x", "batch_size='x' is not of type int"),
        ("batch_size=0", "batch_size=0 is less than 1"),
        ("batch_size=4,", "batch_size='' is not of type int"),
        ("slope=nan", "slope=nan is not finite"),
        ("fresh=perhaps", "fresh='perhaps' is not of type bool"),
        ("fresh=true,false", "fresh is not an option of training.*: pass it"),
        ("average_epochs=1,2", "average_epochs is not .* --split=valid"),
        ("values=1", "values is not an option of training"),
    ],
)
def test_names_and_values_that_do_not_exist_are_refused(text, message):
    values = sweep_options.parse(conftest.ToyConfig, text)
    with pytest.raises(UsageError, match=message):
        options(values)


@pytest.mark.parametrize("listed", ["cp1252", []])
def test_values_from_python_are_a_list(listed):
    with pytest.raises(UsageError, match="encoding=.*: pass a list of values"):
        options({"encoding": listed})
