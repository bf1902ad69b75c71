"""Reads the test text, with and without adapting to it."""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from apps.language_model.evaluation import cache
from apps.language_model.evaluation import dynamic_evaluation
from apps.language_model.evaluation import reading

STEPS = 256  # Tokens that are read at once.


@dataclasses.dataclass(frozen=True)
class Adapted:
    """The test text as read by one kind of adaptation.

    Attributes:
      log_probabilities: (tokens,), in nats.
      settings: What was tuned on the validation text, by name.
    """

    log_probabilities: np.ndarray
    settings: dict[str, float] = dataclasses.field(default_factory=dict)


def read(
    model,
    test: np.ndarray,
    cache_size: int,
    dynamic: bool,
    load_ids: Callable[[str], np.ndarray],
) -> dict[str, Adapted]:
    """Reads the test text in all ways that the options choose.

    Args:
      model: A `LanguageModel`.
      test: Ids of the test text.
      cache_size: Tokens in the continuous cache; 0 for no cache.
      dynamic: Whether to add dynamic evaluation.
      load_ids: Returns the ids of "train" or "valid": dynamic evaluation
        learns the size of the gradients from the training text, and all
        settings are tuned on the validation text.

    Returns:
      By kind: "" for the network alone, and, where chosen, "_dynamic",
      "_cache" and "_dynamic_cache".
    """
    readers = {"": _plain_reader(model, cache_size > 0)}
    tuned = {"": {}}
    if dynamic:
        learner = dynamic_evaluation.DynamicEvaluation(model, load_ids("train"))
        settings = learner.tune(load_ids("valid"))
        readers["_dynamic"] = functools.partial(learner.read, settings=settings)
        tuned["_dynamic"] = settings._asdict()
    readings = {kind: reader(test) for kind, reader in readers.items()}
    adapted = {
        kind: Adapted(readings[kind].log_probabilities, tuned[kind])
        for kind in readers
    }
    if cache_size:
        valid = load_ids("valid")
        for kind, reader in readers.items():
            settings = cache.tune(reader(valid), valid, cache_size)
            cached = cache.log_probabilities(
                readings[kind], test, cache_size, settings
            )
            adapted[f"{kind}_cache"] = Adapted(cached, settings._asdict())
    return adapted


def _plain_reader(model, keep_vectors):
    """Returns a function from ids to the reading of the network alone."""

    @tf.function(reduce_retracing=True, autograph=False)
    def follow(*arguments):
        log_probabilities, vectors, states = model.scorer.follow(*arguments)
        # The vectors take much memory, and only a cache needs them.
        kept = vectors if keep_vectors else vectors[..., :0]
        return log_probabilities, kept, states

    def read(ids):
        states = model.network.zero_states(1)
        return reading.read(follow, states, ids, STEPS)

    return read
