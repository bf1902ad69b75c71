"""Exported translators translate like the model, without TensorFlow."""

import json

import pytest
import tensorflow as tf

from apps.translation import Translation
from tests.apps import exporting
from tests.apps.translation import tiny

TEXTS = ["A cook sees 12 dogs.", " Größe: 3×\t— "]
SOURCES, TARGETS = map(list, zip(*tiny.SHORT))


@pytest.mark.extended
@pytest.mark.parametrize("kind", exporting.RUNTIMES)
def test_the_example_translates_like_the_model(kind, tmp_path):
    model = tiny.translator()
    examples = {"text": SOURCES}, {"translation": TARGETS}
    folder = exporting.export(
        Translation, model, examples, tmp_path, format=kind
    )
    report = json.loads((folder / "report.json").read_text())
    assert report["comparison"]["largest_difference"] < 1e-5
    lines = exporting.run_example(folder, "translation", *TEXTS)
    expected = model.serve(tf.constant(TEXTS))["translation"].numpy()
    assert lines == "\n".join(t.decode() for t in expected).splitlines()


@pytest.mark.extended
def test_the_example_tokenizes_as_the_model_does(monkeypatch):
    model = tiny.translator()
    files = json.loads(json.dumps(model.networks().files))
    tokenizer = exporting.names_of_example("translation", monkeypatch)[
        "Tokenizer"
    ]
    tokenize = tokenizer(files["preprocessing"], files["vocabulary"]["source"])
    texts = [*SOURCES, *TEXTS, "", " ", "x" * 120, "\U0001f600 a\n\nb  c"]
    expected = model.serving.source_tokens(tf.constant(texts)).to_list()
    assert [tokenize(text) for text in texts] == expected
