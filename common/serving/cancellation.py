"""Stops a run of a TensorFlow function, such as a loop that decodes."""

from collections.abc import Callable

# Not public; tests/common/serving/test_cancellation.py fails if it changes.
from tensorflow.python.eager import cancellation


class Cancellation:
    """Stops one run: its loops end with a `CancelledError`."""

    def __init__(self):
        self._manager = cancellation.CancellationManager()

    def wrap(self, function: Callable) -> Callable:
        """Returns a concrete function that this object can stop."""
        return self._manager.get_cancelable_function(function)

    def cancel(self) -> None:
        """Stops the run; without effect when it has ended."""
        self._manager.start_cancel()
