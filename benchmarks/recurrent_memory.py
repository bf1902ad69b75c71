"""Memory of one training step: called by benchmarks.recurrent_layers.

In a process of its own: the allocator hands out what is left of earlier work
in larger pieces than it was asked for, and counts these.
"""

import ctypes
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf  # noqa: E402

from benchmarks import recurrent_tensorflow  # noqa: E402

PROCESS = pathlib.Path("/proc/self")


def main(cell, shape, name):
    """Prints by how many MiB the process grows during a step, as JSON."""
    shape = json.loads(shape)
    layer = recurrent_tensorflow.make_layers(cell, shape)[name]
    step = recurrent_tensorflow.training_step(layer, shape)
    print(json.dumps(working_memory(step)))


def working_memory(step):
    """Returns the MiB that a step needs beyond what is there before it.

    TensorFlow keeps a pool of its own for large tensors; small ones, as the
    many of Keras's loops, come from the C library. None where there is no
    /proc, as outside of Linux.
    """
    if not (PROCESS / "clear_refs").exists():
        return None
    step()
    before = tf.config.experimental.get_memory_info("CPU:0")["current"]
    tf.config.experimental.reset_memory_stats("CPU:0")
    ctypes.CDLL(None).malloc_trim(0)  # What is free counts as growth again.
    small = _status("VmRSS")
    (PROCESS / "clear_refs").write_text("5")  # Forget the highest so far.
    step()
    small = _status("VmHWM") - small
    large = tf.config.experimental.get_memory_info("CPU:0")["peak"] - before
    return small / 2**10 + large / 2**20


def _status(name):
    lines = (PROCESS / "status").read_text().splitlines()
    return next(int(li.split()[1]) for li in lines if li.startswith(name))


if __name__ == "__main__":
    main(*sys.argv[1:])
