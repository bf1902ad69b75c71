"""Graphs for other runtimes than TensorFlow."""

import contextlib
import contextvars
from collections.abc import Iterator

_is_portable = contextvars.ContextVar("is_portable", default=False)


@contextlib.contextmanager
def portable_graphs() -> Iterator[None]:
    """Traces loops as other runtimes take them, within the context.

    A batch is not divided among cores, which these runtimes do themselves: a
    graph that chooses by its batch holds each loop twice. Loops have no bound,
    which XLA needs; tf2onnx mistakes the type of a constant bound that two
    loops share.
    """
    token = _is_portable.set(True)
    try:
        yield
    finally:
        _is_portable.reset(token)


def is_portable() -> bool:
    """Returns whether a graph is traced for other runtimes."""
    return _is_portable.get()
