"""The step of a language model without its tokenizer, for other runtimes."""

import numpy as np
import tensorflow as tf

from apps.language_model.model import vocabulary
from common.export import networks
from common.export.networks import Network
from common.export.networks import Networks


def networks_of(model):
    """Returns the network that reads a token: ids and states to logits.

    Args:
      model: A `LanguageModel`.
    """
    names = model.token_signatures.state_names()
    sizes = dict(zip(names, sum(model.network.state_sizes, [])))

    def step(ids, *states):
        logits, states = model.network.step(ids, list(states))
        return {"logits": logits, **networks.named_next(names, states)}

    def logits(run, x, y):
        ids = model.vocabulary.lines(y["text"]).numpy()[0]
        states = {name: np.zeros([1, sizes[name]]) for name in names}
        steps = []
        for token in [vocabulary.END, *ids[:-1]]:
            outputs = run("step", ids=[token], **states)
            states = networks.read_next(names, outputs)
            steps.append(outputs["logits"][0])
        return np.stack(steps)

    arguments = model.arguments
    return Networks(
        parts={
            "step": Network(
                step,
                [
                    tf.TensorSpec([None], tf.int32, "ids"),
                    *(
                        tf.TensorSpec([None, size], tf.float32, name)
                        for name, size in sizes.items()
                    ),
                ],
            )
        },
        files={
            "vocabulary": {"tokens": arguments.tokens},
            "preprocessing": {
                "unknown": vocabulary.UNKNOWN,
                "end": vocabulary.END,
                "first_token": vocabulary.FIRST,
                "level": arguments.level,
                "end_mark": vocabulary.MARKS[arguments.level],
                "backward": arguments.backward,
                "states": sizes,
            },
        },
        logits=logits,
    )
