"""The step of a forecaster of frames, for other runtimes."""

import numpy as np
import tensorflow as tf

from apps.video_forecast.model import frames as frames_lib
from common.export import networks
from common.export.networks import Network
from common.export.networks import Networks
from common.video import decode


def networks_of(forecaster):
    """Returns the network that reads a frame, and forecasts the next one.

    Args:
      forecaster: A `VideoForecaster`.
    """
    network, arguments = forecaster.network, forecaster.arguments
    size, channels = arguments.frame_size, arguments.channels
    shapes = {f"state_{i}": s for i, s in enumerate(network.state_shapes)}

    def step(frame, *states):
        log_odds, states = network(frame[:, None], states=list(states))
        after = networks.named_next(shapes, states)
        return {"log_odds": log_odds[:, 0], **after}

    def logits(run, x, y):
        clips = decode.read(x["video"], size, arguments.context)
        context, _ = frames_lib.context(clips, arguments.context)
        context = frames_lib.to_network(context, channels).numpy()
        states = {name: np.zeros([1, *shapes[name]]) for name in shapes}
        read, steps = list(context[0]), []
        for _ in range(arguments.context + arguments.horizon - 1):
            # After the context, the forecast of the step before is read.
            frame = read.pop(0) if read else 1 / (1 + np.exp(-steps[-1]))
            outputs = run("step", frame=frame[None], **states)
            states = networks.read_next(shapes, outputs)
            steps.append(outputs["log_odds"][0])
        return np.stack(steps)

    return Networks(
        parts={
            "step": Network(
                step,
                [
                    tf.TensorSpec(
                        [None, size, size, channels], tf.float32, "frame"
                    ),
                    *(
                        tf.TensorSpec([None, *shape], tf.float32, name)
                        for name, shape in shapes.items()
                    ),
                ],
            )
        },
        files={
            "preprocessing": {
                "frame_size": size,
                "channels": channels,
                "context": arguments.context,
                "horizon": arguments.horizon,
                "states": {name: list(s) for name, s in shapes.items()},
            }
        },
        logits=logits,
    )
