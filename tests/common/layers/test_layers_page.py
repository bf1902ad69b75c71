"""docs/layers.md is up to date, and the examples of the docstrings run."""

import doctest
import inspect

import keras
import pytest

from common import layers
from docs import generate_layers

CLASSES = {
    name: member
    for name, member in inspect.getmembers(layers, inspect.isclass)
    if member.__module__.startswith("common.")
}


def test_the_page_equals_the_generated_one():
    text = generate_layers.PAGE.read_text()
    assert text == generate_layers.generate(), (
        "Run python -m docs.generate_layers and commit docs/layers.md."
    )


@pytest.mark.parametrize("name", CLASSES)
def test_the_example_of_a_class_gives_the_documented_result(name):
    docstring = inspect.getdoc(CLASSES[name])
    names = {"keras": keras, **vars(layers)}
    test = doctest.DocTestParser().get_doctest(docstring, names, name, None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
    base_classes = "BaseCell", "CustomGradientCell", "PlannedCell"
    assert test.examples or name in base_classes
