"""How probable a whole text is: read from the first token to the last."""

import numpy as np
import tensorflow as tf

from apps.language_model import cache
from apps.language_model import dynamic
from apps.language_model import reading

STEPS = 256  # Tokens that are read at once.


def tokens(model, examples: tf.data.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Returns the ids of the lines of a text, and of how many each is.

    Args:
      model: has the vocabulary.
      examples: pairs of an input and a line.
    """
    parts = [model.vocabulary.lines(y) for _, y in examples.batch(1024)]
    return (
        np.concatenate([part.flat_values.numpy() for part in parts]),
        np.concatenate([part.row_lengths().numpy() for part in parts]),
    )


def by_line(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Returns the sums of what the tokens of each line have."""
    return np.add.reduceat(values, np.cumsum(lengths) - lengths)


def adapted(
    model, config, splits: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Reads the test text, with what the options ask for beside.

    Args:
      model: a LanguageModel.
      config: its options `cache_size` and `dynamic`.
      splits: ids of "train", "valid" and "test"; of the former two, what is
        asked for is learned and tuned.

    Returns:
      The log probabilities of the tokens, by how they were told, "network"
      being the network alone; and what was tuned, a line each.
    """

    @tf.function(reduce_retracing=True)
    def follow(*arguments):
        logs, vectors, states = model.follow(*arguments)
        # They take a lot of memory, and only a cache looks at them.
        return logs, vectors if config.cache_size else vectors[..., :0], states

    def read(ids):
        return reading.read(follow, model.network.zeros(1), ids, STEPS)

    test = splits["test"]
    read_test = {"network": read(test)}
    read_valid, said = {}, []
    if config.cache_size:
        read_valid["network"] = read(splits["valid"])
    if config.dynamic:
        learner = dynamic.Dynamic(model, splits["train"])
        rate, decay = learner.tune(splits["valid"])
        said.append(
            f"dynamic evaluation: rate {rate:g}, decay {decay:g}, tuned on the "
            "validation text."
        )
        read_test["dynamic"] = learner.read(test, rate, decay)
        if config.cache_size:
            read_valid["dynamic"] = learner.read(splits["valid"], rate, decay)
    found = {name: logs for name, (logs, _) in read_test.items()}
    for name, trace in read_valid.items():
        tuned = cache.tune(*trace, splits["valid"], config.cache_size)
        label = "cache" if name == "network" else f"{name}_cache"
        found[label] = cache.mixed(
            *read_test[name], test, config.cache_size, *tuned
        )
        said.append(
            f"{label.replace('_', ' with ')}: flatness {tuned[0]:g}, share "
            f"{tuned[1]:g}, tuned on the validation text."
        )
    return found, said
