"""Exported steps write what the model writes, without TensorFlow."""

import json

import pytest
import tensorflow as tf

from apps.language_model import LanguageModel
from tests.apps import exporting
from tests.apps.language_model import tiny

TEXTS = ["the dog near\nthe cat", "dogs bark"]
VARIANTS = [
    {},
    {"level": "character", "tokens": list(" degotbh")},
    {"backward": True},
]


@pytest.mark.extended
@pytest.mark.parametrize("kind", exporting.RUNTIMES)
@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_the_example_writes_what_the_model_writes(variant, kind, tmp_path):
    model = tiny.build_model(**variant)
    examples = {"prefix": ["", ""]}, {"text": TEXTS}
    folder = exporting.export(
        LanguageModel, model, examples, tmp_path, format=kind
    )
    report = json.loads((folder / "report.json").read_text())
    assert report["comparison"]["largest_difference"] < 1e-5
    model = model.with_decoding(LanguageModel.Config(temperature=0.0))
    written = model.serve(prefix=tf.constant(TEXTS))["text"].numpy()
    for text, expected in zip(TEXTS, written):
        lines = exporting.run_example(folder, "language_model", text)
        assert "\n".join(lines) == expected.decode()
