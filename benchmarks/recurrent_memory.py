"""Memory of one training step: called by benchmarks.recurrent_layers.

Runs in a separate process: the allocator would reuse larger blocks of earlier
work, and count their full size.
"""

import ctypes
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # See common/app.py.

import tensorflow as tf  # noqa: E402

from benchmarks import recurrent_tensorflow  # noqa: E402

PROCESS = pathlib.Path("/proc/self")


def main(cell, shape, name):
    """Prints the growth of the process during a step in MiB, as JSON."""
    shape = json.loads(shape)
    layer = recurrent_tensorflow.make_layers(cell, shape)[name]
    step = recurrent_tensorflow.training_step(layer, shape)
    print(json.dumps(working_memory(step)))


def working_memory(step):
    """Returns the memory in MiB that a step allocates, at its peak.

    TensorFlow has its own pool for large tensors; small ones, such as those of
    Keras's loops, come from the C library. None without /proc, i.e. outside
    Linux.
    """
    if not (PROCESS / "clear_refs").exists():
        return None
    step()
    before = tf.config.experimental.get_memory_info("CPU:0")["current"]
    tf.config.experimental.reset_memory_stats("CPU:0")
    ctypes.CDLL(None).malloc_trim(0)  # Reused free memory would not count.
    small = _status("VmRSS")
    (PROCESS / "clear_refs").write_text("5")  # Resets the peak.
    step()
    small = _status("VmHWM") - small
    large = tf.config.experimental.get_memory_info("CPU:0")["peak"] - before
    return small / 2**10 + large / 2**20


def _status(name):
    lines = (PROCESS / "status").read_text().splitlines()
    return next(int(li.split()[1]) for li in lines if li.startswith(name))


if __name__ == "__main__":
    main(*sys.argv[1:])
