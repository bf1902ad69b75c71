"""Dropout and penalties of the network."""

import numpy as np
import pytest

from tests import variants
from tests.apps.language_model.tiny import build_model
from tests.apps.language_model.tiny import one_window


def test_penalties_are_part_of_the_loss_in_training_only():
    """That of the size after dropout, that of the changes before it."""
    model = build_model(activation_penalty=2.0, change_penalty=1.0, dropout=0.5)
    model.compile("sgd")
    x, y = one_window()
    raw = model(x)
    vectors = model(x, training=True)
    assert np.any(vectors != raw)
    plain, _ = model.cross_entropy(y, vectors)
    steps = raw[:, 1:] - raw[:, :-1]
    penalties = 2 * np.mean(np.square(vectors)) + np.mean(np.square(steps))
    loss = model.compute_loss(x, y, vectors, training=True)
    np.testing.assert_allclose(loss, plain + penalties, rtol=1e-5)
    loss = model.compute_loss(x, y, model(x), training=False)
    plain, _ = model.cross_entropy(y, raw)
    np.testing.assert_allclose(loss, plain, rtol=1e-5)


DROPOUTS = (
    *("dropout", "input_dropout", "hidden_dropout"),
    *("embedding_dropout", "weight_dropout"),
)


@pytest.mark.parametrize(
    "name", variants.extended(DROPOUTS, "hidden_dropout", "weight_dropout")
)
def test_each_kind_of_dropout_acts_in_training_only(name):
    x, _ = one_window()
    rates = dict.fromkeys(DROPOUTS, 0.0)
    plain = build_model(depth=2, **rates)
    model = build_model(depth=2, **{**rates, name: 0.5})
    np.testing.assert_allclose(model(x), plain(x), atol=1e-6)
    assert np.abs(model(x, training=True) - plain(x)).max() > 1e-3
    np.testing.assert_allclose(plain(x, training=True), plain(x), atol=1e-6)
