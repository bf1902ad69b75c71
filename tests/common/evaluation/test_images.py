"""Errors and structural similarity of frames."""

import numpy as np
import pytest

from common.evaluation.metrics import images

skimage_metrics = pytest.importorskip("skimage.metrics")


def frames(*shape):
    rng = np.random.default_rng(0)
    target = rng.random(shape)
    return target, np.clip(target + 0.3 * rng.normal(size=shape), 0, 1)


def test_errors_are_summed_over_pixels_and_averaged_over_channels():
    target = np.zeros((2, 4, 5, 3))
    forecast = np.full(target.shape, 0.5)
    forecast[1, ..., 1:] = 0
    np.testing.assert_allclose(
        images.squared_error(target, forecast), [20 / 4, 20 / 4 / 3]
    )
    np.testing.assert_allclose(
        images.absolute_error(target, forecast), [20 / 2, 20 / 2 / 3]
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_ssim_and_psnr_are_those_of_scikit_image(channels):
    target, forecast = frames(3, 20, 24, channels)
    for ours, pair in zip(
        images.ssim(target, forecast), zip(target, forecast), strict=True
    ):
        reference = skimage_metrics.structural_similarity(
            *pair, data_range=1, channel_axis=-1
        )
        assert ours == pytest.approx(reference, abs=1e-12)
    for ours, pair in zip(
        images.psnr(target, forecast), zip(target, forecast), strict=True
    ):
        reference = skimage_metrics.peak_signal_noise_ratio(*pair, data_range=1)
        assert ours == pytest.approx(reference, abs=1e-12)


def test_equal_frames_have_the_best_scores():
    target, _ = frames(2, 8, 8, 3)
    np.testing.assert_allclose(images.ssim(target, target), 1)
    np.testing.assert_array_equal(images.psnr(target, target), 100)
    np.testing.assert_array_equal(images.squared_error(target, target), 0)


def test_small_frames_have_a_similarity():
    target, forecast = frames(2, 1, 1, 3)
    assert np.isfinite(images.ssim(target, forecast)).all()
    target, forecast = frames(2, 5, 9, 3)
    assert (images.ssim(target, forecast) < 1).all()
