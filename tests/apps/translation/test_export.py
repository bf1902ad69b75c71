"""Exports: signatures, model cards, and answers without this project."""

import json
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from apps.translation.data import sentences
from common import runner
from tests.apps.translation import tiny


@pytest.mark.extended
def test_an_export_has_scores_of_its_decoding_options_only(exports):
    cards = []
    for width, version in exports.items():
        extra = version / "assets.extra"
        cards.append((extra / "MODEL_CARD.md").read_text())
        assert (extra / "metrics.json").exists() == (width == 3)
        config = json.loads((extra / "config.json").read_text())
        assert config["beam_width"] == width
    assert "IBM model 1" in cards[0] and "--beam_width=3" in cards[0]
    assert "signature `alternatives`: text, beam_width -> " in cards[0]
    assert "Not evaluated with the options of this export" in cards[1]


@pytest.mark.extended
def test_all_signatures_are_exported(exports, trained_model):
    signatures = tf.saved_model.load(exports[3]).signatures
    text = tf.constant([source for source, _ in tiny.SHORT])
    sampling = {
        "temperature": tf.constant(1.0),
        "top_k": tf.constant(0),
        "top_p": tf.constant(0.9),
        "seed": tf.constant(3),
    }
    for name, options in (
        ("alternatives", {"beam_width": tf.constant(3)}),
        ("sample", sampling),
    ):
        expected = trained_model.signatures()[name](text, **options)
        outputs = signatures[name](text=text, **options)
        assert set(outputs) == set(expected)
        for key, value in expected.items():
            np.testing.assert_array_equal(outputs[key], value)


# Translates lines in batches of 64 with TensorFlow alone.
TRANSLATE = """
import sys
import tensorflow as tf
path, lines, answers = sys.argv[1:]
serve = tf.saved_model.load(path).signatures["serving_default"]
lines = open(lines, "rb").read().split(b"\\n")
rows = []
for i in range(0, len(lines), 64):
    outputs = serve(text=tf.constant(lines[i : i + 64]))
    scores = tf.strings.as_string(outputs["score"], precision=9)
    rows += tf.stack([outputs["translation"], scores], 1).numpy().tolist()
tf.io.write_file(answers, tf.io.serialize_tensor(tf.constant(rows)))
own = {name.split(".")[0] for name in sys.modules} & {"apps", "common"}
assert not own, own
"""


@pytest.mark.slow
@pytest.mark.parametrize("beam_width", [1, 5])
def test_a_thousand_sentences_are_translated_equally_elsewhere(
    trained_app, beam_width, tmp_path
):
    app = tiny.changed(
        trained_app,
        beam_width=beam_width,
        saved_models=str(tmp_path / "models"),
    )
    version = runner.export(app)
    lines = [source.encode() for source, _ in sentences.pairs(1000, "test")]
    (tmp_path / "lines").write_bytes(b"\n".join(lines))
    subprocess.run(
        [
            sys.executable,
            "-c",
            TRANSLATE,
            version,
            tmp_path / "lines",
            tmp_path / "answers",
        ],
        cwd=tmp_path,
        check=True,
    )
    model = app.load_model()
    expected = []
    for i in range(0, 1000, 64):
        outputs = model.serve(tf.constant(lines[i : i + 64]))
        scores = tf.strings.as_string(outputs["score"], precision=9)
        rows = tf.stack([outputs["translation"], scores], 1)
        expected += rows.numpy().tolist()
    answers = (tmp_path / "answers").read_bytes()
    answers = tf.io.parse_tensor(answers, tf.string).numpy().tolist()
    assert answers == expected
    # After so little training the translations are similar, not their scores.
    assert len({score for _, score in answers}) > 900
