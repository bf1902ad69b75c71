"""The network of a labeler of frames, for other runtimes."""

import numpy as np
import tensorflow as tf

from common.export import networks
from common.export.networks import Network
from common.export.networks import Networks
from common.video import decode


def networks_of(labeler):
    """Returns the network from frames to the logits of their labels.

    A labeler that reads forward has the network "step", which reads a frame
    and has states; one that reads in both directions has "labeler", which
    reads a clip.

    Args:
      labeler: A `FrameLabeler`.
    """
    arguments = labeler.arguments
    pixels = [arguments.image_size, arguments.image_size, 3]
    states = {spec.name: spec.shape[1:] for spec in labeler.serving.state_specs}

    def label(frames):
        present = tf.ones(tf.shape(frames)[:2], tf.bool)
        return {"logits": labeler({"frames": frames, "present": present})}

    def step(frame, *states_before):
        logits, after = labeler.serving.advance(frame, *states_before)
        return {"logits": logits, **networks.named_next(states, after)}

    def logits_of_clip(run, x, y):
        clips = decode.read(x["video"], arguments.image_size)
        return run("labeler", frames=clips.frames)["logits"][0]

    def logits_of_steps(run, x, y):
        clips = decode.read(x["video"], arguments.image_size)
        values = {name: np.zeros([1, *states[name]]) for name in states}
        steps = []
        for frame in clips.frames[0].numpy():
            outputs = run("step", frame=frame[None], **values)
            values = networks.read_next(states, outputs)
            steps.append(outputs["logits"][0])
        return np.stack(steps)

    settings = {"image_size": arguments.image_size, "labels": arguments.labels}
    if arguments.bidirectional:
        clip = tf.TensorSpec([None, None, *pixels], tf.float32, "frames")
        parts = {"labeler": Network(label, [clip])}
        return Networks(parts, {"preprocessing": settings}, logits_of_clip)
    settings["states"] = {name: list(shape) for name, shape in states.items()}
    inputs = [
        tf.TensorSpec([None, *pixels], tf.float32, "frame"),
        *labeler.serving.state_specs,
    ]
    parts = {"step": Network(step, inputs)}
    return Networks(parts, {"preprocessing": settings}, logits_of_steps)
