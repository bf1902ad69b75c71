"""What the tests of the classifiers share."""

import pytest
import tensorflow as tf


@pytest.fixture
def eager():
    """Runs without compilation, which takes seconds for each model."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
