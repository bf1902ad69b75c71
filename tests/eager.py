"""Runs functions without tracing and compiling them."""

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def functions() -> Iterator[None]:
    """Runs each `tf.function` operation by operation in this context.

    To trace and compile a function takes seconds, and to run a small one
    without that milliseconds.
    """
    import tensorflow as tf  # After conftest.py has set its environment.

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)
