"""The layers refuse the backends of Keras that they cannot run on."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "backend",
    [
        "jax",
        pytest.param("torch", marks=pytest.mark.slow),
        pytest.param("numpy", marks=pytest.mark.slow),
    ],
)
def test_another_backend_raises_a_sentence(backend):
    result = subprocess.run(
        [sys.executable, "-c", "from common import layers"],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    assert result.stderr.splitlines()[-1] == (
        "ImportError: The layers run on TensorFlow, not on the Keras backend "
        f"'{backend}': set KERAS_BACKEND=tensorflow before Keras is imported."
    )


@pytest.mark.slow
def test_a_backend_of_the_configuration_file_raises():
    code = (
        "import keras; keras.config.backend = lambda: 'torch'; "
        "from common import layers"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert "not on the Keras backend 'torch'" in result.stderr
