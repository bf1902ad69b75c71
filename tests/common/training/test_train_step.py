"""A training step clips gradients, and is skipped if not finite."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common.training import train_step


class Root(keras.layers.Layer):
    """Adds sqrt(weight ** 2 - 1): 0 with an infinite slope at weight 1."""

    def build(self, shape):
        self.weight = self.add_weight(name="weight", initializer="ones")

    def call(self, x):
        return x + keras.ops.sqrt(self.weight**2 - 1)


def trained(inner=None, clip_norm=0.0):
    """Returns a model, its step and norm; it learns y = 3 x from weight 1."""
    model = keras.Sequential(
        [
            keras.Input([1]),
            keras.layers.Dense(1, kernel_initializer="ones", name="line"),
            *([inner] if inner else []),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
    model.optimizer.build(model.trainable_variables)
    spec = (tf.TensorSpec([None, 1]), tf.TensorSpec([None, 1]))
    train_step.test_step(model, spec)
    model.reset_metrics()
    norm = keras.metrics.Mean()
    return model, train_step.training_step(model, clip_norm, norm, spec), norm


def ready(model, spec, clip_norm=0.0):
    """Compiles a model, and returns its step."""
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.optimizer.build(model.trainable_variables)
    train_step.test_step(model, spec)
    model.reset_metrics()
    return train_step.training_step(
        model, clip_norm, keras.metrics.Mean(), spec
    )


def batch(x, y=3.0):
    return tf.constant([[x]]), tf.constant([[y]])


def state(model):
    variables = [
        *model.variables,
        *model.optimizer.variables,
        *model.metrics_variables,
    ]
    return [variable.numpy() for variable in variables]


def test_trains_as_keras_does():
    ours, train, _ = trained()
    theirs, _, _ = trained()
    pair = tf.constant([[1.0], [-2.0]]), tf.constant([[3.0], [4.0]])
    batches = [pair, batch(2.0)]  # The last batch of an epoch is smaller.
    assert [int(train(b)) for b in batches] == [-1, -1]
    xs, ys = map(np.concatenate, zip(*batches))
    theirs.fit(xs, ys, batch_size=2, shuffle=False, verbose=0)
    for a, b in zip(state(ours), state(theirs), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_records_and_clips_the_gradient_norm():
    model, train, norm = trained(clip_norm=1.0)
    train(batch(1.0))
    # 2 (1 - 3) = -4 by the weight and by the bias: norm 4 sqrt(2).
    assert float(norm.result()) == pytest.approx(4 * 2**0.5)
    moved = model.trainable_variables[0].numpy().item() - 1
    assert moved == pytest.approx(0.1 / 2**0.5)


def test_a_small_gradient_is_not_clipped():
    model, train, _ = trained(clip_norm=100.0)
    train(batch(1.0))
    assert model.trainable_variables[0].numpy().item() == pytest.approx(1.4)


@pytest.mark.parametrize("x", [np.nan, np.inf, 1e30])
def test_a_bad_batch_changes_nothing_and_returns_the_first_variable(x):
    model, train, norm = trained(clip_norm=1.0)
    before = state(model)
    assert int(train(batch(x))) == 0
    for old, new in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(old, new)
    assert float(norm.result()) == 0


def test_returns_the_variable_with_a_bad_gradient_of_a_finite_loss():
    model, train, _ = trained(Root())
    assert np.isfinite(model.evaluate(*batch(1.0), verbose=0))
    place = int(train(batch(1.0)))
    assert model.trainable_variables[place].name == "weight"


def test_returns_the_number_of_variables_for_a_bad_loss():
    model, train, _ = trained()
    model.compute_loss = lambda *_, **__: keras.ops.convert_to_tensor(np.nan)
    assert int(train(batch(1.0))) == len(model.trainable_variables)


def test_a_variable_that_does_not_affect_the_loss_is_fine():
    class Idle(keras.layers.Layer):
        def build(self, shape):
            self.add_weight(name="idle")

        def call(self, x):
            return x

    _, train, _ = trained(Idle())
    assert int(train(batch(1.0))) == -1


def test_a_bad_batch_does_not_change_moving_averages():
    model = keras.Sequential(
        [
            keras.Input([1]),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1),
        ]
    )
    train = ready(model, (tf.TensorSpec([None, 1]), tf.TensorSpec([None, 1])))
    before = state(model)
    assert int(train(batch(np.nan))) == 0
    for old, new in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(old, new)
    assert int(train(batch(1.0))) == -1
    moved = [np.any(a != b) for a, b in zip(before, state(model), strict=True)]
    assert np.all(moved[2:4])  # The averages.


def test_a_bad_batch_does_not_change_the_losses_of_two_outputs():
    inputs = keras.Input([1])
    outputs = {n: keras.layers.Dense(1, name=n)(inputs) for n in "pq"}
    model = keras.Model(inputs, outputs)
    column = tf.TensorSpec([None, 1])
    train = ready(model, (column, {"p": column, "q": column}))
    x, y = batch(np.nan)
    assert int(train((x, {"p": y, "q": y}))) == 0
    assert np.isfinite(np.concatenate([v.ravel() for v in state(model)])).all()


def test_clips_a_large_gradient():
    model, train, norm = trained(clip_norm=1.0)
    assert int(train(batch(1e12, -1e18))) == -1
    assert float(norm.result()) > 1e30
    assert np.isfinite(model.trainable_variables[0].numpy()).all()
