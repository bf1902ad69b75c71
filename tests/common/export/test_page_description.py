"""The description of a page travels with the export."""

import json

import numpy as np
import pytest
import tensorflow as tf

from common.export import page_description
from common.page import page
from tests.common.conftest import Toy
from tests.common.conftest import ToyConfig


def described(app):
    return json.loads(page_description.write(app))


def test_an_app_without_a_page_of_its_own_has_one():
    assert described(Toy(ToyConfig())) == {
        "title": "Toy",
        "description": "Learns a line.",
        "limitations": "A line.",
        "inputs": [],
        "views": [
            {
                "kind": "outputs",
                "title": "",
                "signature": "serving_default",
                "arguments": {},
            }
        ],
        "examples": [{"x": 1.0}, {"x": 2.0}],
    }


class Files(Toy):
    """Takes files.

    And more.
    """

    name = "two_words"
    example_inputs = ("test:0", "mine")

    @staticmethod
    def interface_class():
        class Interface(Toy.interface_class()):
            def parse_inputs(self, words):
                days = np.array([[0.1, np.nan]] * len(words), np.float32)
                return {
                    "file": tf.constant([b"\xff" + w.encode() for w in words]),
                    "text": tf.constant([[b"\xff", b"b"]] * len(words)),
                    "days": tf.constant(days),
                }

            def page(self):
                field = page.Input(name="file", label="File", kind="image")
                return page.Page(inputs=[field])

        return Interface


def test_examples_have_the_form_of_requests():
    values = described(Files(ToyConfig()))
    assert (values["title"], values["description"]) == (
        "Two words",
        "Takes files.",
    )
    assert values["inputs"] == [
        {"name": "file", "label": "File", "kind": "image"}
    ]
    first, second = values["examples"]
    assert first == {
        "file": {"b64": "/3Rlc3Q6MA=="},
        "text": ["\ufffd", "b"],
        "days": [0.1, 0.0],
    }
    assert second["file"] == {"b64": "/21pbmU="}


@pytest.mark.parametrize("dataset", ["other", "mine.csv"])
def test_test_examples_of_real_data_stay_out_of_exports(dataset, monkeypatch):
    app = Files(ToyConfig())
    monkeypatch.setattr(
        app, "config", type("Config", (), {"dataset": dataset})()
    )
    (only,) = described(app)["examples"]
    assert only["file"] == {"b64": "/21pbmU="}
