"""Tests of the features: what models that read forward begin with."""

import numpy as np

from apps.speech.model import features
from common.audio import decode
from common.audio import mel


def test_the_prior_is_that_of_the_training_recordings(examples, recordings):
    prior = np.array(features.prior(examples, 8000, 12))
    log_mel, frames = mel.LogMel(8000, 12), []
    for recording in recordings:
        samples, counts, _ = decode.read([recording.content], 8000)
        frames.append(log_mel.features(samples, counts)[0][0])
    frames = np.concatenate(frames)
    np.testing.assert_allclose(prior[:, 0], frames.mean(0), rtol=1e-4)
    np.testing.assert_allclose(prior[:, 1], frames.std(0), rtol=1e-4)


def test_only_models_that_read_forward_have_a_prior(model, forward_model):
    assert not model.arguments.prior
    assert np.shape(forward_model.arguments.prior) == (12, 2)
