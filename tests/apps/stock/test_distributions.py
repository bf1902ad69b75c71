"""Distributions, scores and losses agree with SciPy and with integration."""

import keras
import numpy as np
import pytest
import scipy.integrate
import scipy.stats
import tensorflow as tf

from apps.stock.data import targets
from apps.stock.model import distributions
from apps.stock.model import losses
from apps.stock.model import quantiles
from apps.stock.model import student_t
from apps.stock.model.quantiles import LEVELS

PARAMETERS = np.array([0.1, 0.5, 4.0])
VALUES = np.array([-2.0, -0.3, 0.1, 0.8, 3.0])


def test_quantiles_of_the_student_t_are_those_of_scipy():
    for freedom in (2.3, 4.0, 80.0):
        parameters = np.array([0.1, 0.5, freedom], np.float32)
        signed, absolute = (
            distributions.find("student_t", target).quantiles(parameters)
            for target in ("price", "volatility")
        )
        expected = scipy.stats.t.ppf([LEVELS, (1 + LEVELS) / 2], freedom)
        np.testing.assert_allclose(signed, 0.1 + 0.5 * expected[0], atol=1e-3)
        np.testing.assert_allclose(absolute, 0.1 + 0.5 * expected[1], atol=2e-3)


def test_density_mean_and_deviation_are_those_of_scipy():
    distribution = distributions.find("student_t", "price")
    frozen = scipy.stats.t(4.0, 0.1, 0.5)
    np.testing.assert_allclose(
        distribution.log_density(PARAMETERS, VALUES),
        frozen.logpdf(VALUES),
        rtol=1e-6,
    )
    assert float(distribution.mean(PARAMETERS)) == pytest.approx(frozen.mean())
    deviation = float(distribution.deviation(PARAMETERS))
    assert deviation == pytest.approx(frozen.std())


def test_the_density_of_an_absolute_value_adds_those_of_two_signs():
    distribution = distributions.find("student_t", "volatility")
    centered = np.array([0.0, 0.5, 4.0])
    frozen = scipy.stats.t(4.0, 0.0, 0.5)
    np.testing.assert_allclose(
        distribution.log_density(centered, 0.7),
        np.log(2 * frozen.pdf(0.7)),
        rtol=1e-6,
    )
    mean, _ = scipy.integrate.quad(lambda x: 2 * x * frozen.pdf(x), 0, np.inf)
    assert float(distribution.mean(centered)) == pytest.approx(mean, rel=1e-5)


def crps_by_integration(cdf, value):
    below, _ = scipy.integrate.quad(lambda x: cdf(x) ** 2, -np.inf, value)
    above, _ = scipy.integrate.quad(lambda x: (1 - cdf(x)) ** 2, value, np.inf)
    return below + above


@pytest.mark.parametrize("freedom", [2.3, 5.0, np.inf])
def test_the_crps_of_a_student_t_equals_its_integral(freedom):
    cdf = scipy.stats.norm(0.1, 0.5).cdf
    if np.isfinite(freedom):
        cdf = scipy.stats.t(freedom, 0.1, 0.5).cdf
    crps = student_t.crps(np.array([0.1, 0.5, freedom]), VALUES)
    expected = [crps_by_integration(cdf, value) for value in VALUES]
    np.testing.assert_allclose(crps, expected, rtol=1e-4)


def test_the_crps_of_quantiles_approximates_that_of_the_distribution():
    levels = scipy.stats.norm.ppf(LEVELS)
    values = scipy.stats.norm.ppf(np.linspace(0.01, 0.99, 99))
    crps = quantiles.crps(
        tf.constant(levels[None], tf.float32), tf.constant(values, tf.float32)
    )
    exact = student_t.crps(np.array([0.0, 1.0, np.inf]), values)
    assert np.mean(crps) == pytest.approx(exact.mean(), rel=0.01)


def test_the_density_of_quantiles_integrates_to_one():
    levels = scipy.stats.t.ppf(LEVELS, 4)
    values = np.linspace(-40, 40, 80_001)
    density = np.exp(quantiles.log_density(levels, values))
    assert np.trapezoid(density, values) == pytest.approx(1, abs=1e-3)


def test_a_fitted_student_t_is_near_the_true_one():
    rng = np.random.default_rng(0)
    errors = np.stack(
        [0.02 * rng.standard_t(4, 5000), 3 * rng.standard_normal(5000)], 1
    )
    (scale, freedom), (wide, normal) = student_t.fit(errors)
    assert scale == pytest.approx(0.02, rel=0.05)
    assert 3 <= freedom <= 6
    assert wide == pytest.approx(3, rel=0.05)
    assert normal >= 30


@pytest.mark.parametrize("target", targets.KINDS)
@pytest.mark.parametrize("name", ["student_t", "quantiles"])
def test_quantiles_never_cross(name, target):
    distribution = distributions.find(name, target)
    rng = np.random.default_rng(0)
    raw = rng.normal(0, 5, [500, distribution.size]).astype("f4")
    levels = distribution.quantiles(distribution.parameters(raw)).numpy()
    assert (np.diff(levels, axis=-1) >= 0).all()
    if target == "volatility":
        assert (levels >= 0).all()


@pytest.mark.parametrize("name", ["student_t", "quantiles"])
def test_zeros_give_about_unit_deviation(name):
    distribution = distributions.find(name, "price")
    parameters = distribution.parameters(np.zeros([1, distribution.size], "f4"))
    deviation = float(distribution.deviation(parameters)[0])
    assert deviation == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_the_true_distribution_has_the_lowest_loss(name):
    rng = np.random.default_rng(0)
    y = tf.constant(0.5 * rng.standard_t(5, [4000, 1]), tf.float32)
    loss = losses.LOSSES[name]("student_t", "price")
    values = [
        float(
            loss(y, tf.constant([[[location, scale, 5.0]]]) + 0 * y[..., None])
        )
        for location, scale in ((0, 0.5), (0, 0.4), (0, 0.6), (0.1, 0.5))
    ]
    assert min(values) == values[0]


@pytest.mark.parametrize("name", losses.LOSSES)
def test_a_loss_can_be_saved(name):
    loss = losses.LOSSES[name]("student_t", "price")
    saved = keras.saving.serialize_keras_object(loss)
    loaded = keras.saving.deserialize_keras_object(saved)
    assert type(loaded) is type(loss)
    assert loaded.arguments == loss.arguments
