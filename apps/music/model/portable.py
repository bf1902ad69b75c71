"""The step of a composer, and the distribution of a frame, elsewhere."""

import numpy as np
import tensorflow as tf

from apps.music.model import frames as frames_lib
from common.export import networks
from common.export.networks import Network
from common.export.networks import Networks

MOST_FRAMES = 64  # Of an example that are compared.


def networks_of(composer):
    """Returns the networks "step" and "frame".

    The first reads a frame and returns a vector; the second returns, for a
    vector and the part of the next frame that is chosen already, the logits
    of the others.

    Args:
      composer: A `Composer`.
    """
    network, head, arguments = (
        composer.network,
        composer.head,
        composer.arguments,
    )
    specs = composer.serving.state_specs()
    names = [spec.name for spec in specs]

    def step(previous, *states):
        vectors, states = network.step(previous, list(states))
        return {"vector": vectors, **networks.named_next(names, states)}

    def frame(vector, chosen):
        return {"logits": head.logits(vector, chosen)}

    def logits(run, x, y):
        frames, _ = composer.serving.reader.read(**x)
        states = {
            spec.name: np.zeros([1, *spec.shape[1:]], np.float32)
            for spec in specs
        }
        previous = np.full([1, head.width], frames_lib.START, np.int32)
        rows = []
        for next_frame in frames[0, :MOST_FRAMES].numpy():
            outputs = run("step", previous=previous, **states)
            states = networks.read_next(names, outputs)
            previous = next_frame[None]
            logits = run("frame", vector=outputs["vector"], chosen=previous)
            rows.append(logits["logits"][0])
        return np.stack(rows)

    values = tf.TensorSpec([None, head.width], tf.int32, "previous")
    chosen = tf.TensorSpec([None, head.width], tf.int32, "chosen")
    vector = tf.TensorSpec([None, arguments.units], tf.float32, "vector")
    return Networks(
        parts={
            "step": Network(step, [values, *specs]),
            "frame": Network(frame, [vector, chosen]),
        },
        files={
            "preprocessing": {
                "network": arguments.network,
                "frames_per_beat": arguments.frames_per_beat,
                "start": frames_lib.START,
                "lowest_pitch": frames_lib.LOWEST,
                "ranges": arguments.ranges,
                "states": {s.name: list(s.shape[1:]) for s in specs},
            }
        },
        logits=logits,
    )
