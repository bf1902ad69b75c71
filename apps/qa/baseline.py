"""Answers without reading: the most frequent one, and the one named last."""

import collections
import re

import numpy as np
import tensorflow as tf


def most_frequent(seen: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns for each test question the usual answer to its like.

    The most frequent answer in training to questions of the same task that
    begin with the same two words; else to those of the task.
    """
    counts = collections.defaultdict(collections.Counter)
    for key, answer, _ in _read(seen):
        for part in key, key[:1]:
            counts[part][answer] += 1
    usual = {key: min(c, key=lambda a: (-c[a], a)) for key, c in counts.items()}
    found = [
        usual.get(key) or usual.get(key[:1], b"") for key, _, _ in _read(test)
    ]
    return np.array(found, object)


def last_named(seen: tf.data.Dataset, test: tf.data.Dataset) -> np.ndarray:
    """Returns for each test question the answer that the story names last.

    Of the answers that training gave to questions of the same task with the
    same two first words; where the story names none of them, as
    `most_frequent`, and the question does not count as the story.
    """
    known = collections.defaultdict(dict)
    for key, answer, _ in _read(seen):
        known[key][answer.lower()] = answer
    found = []
    for (key, _, story), usual in zip(_read(test), most_frequent(seen, test)):
        words = re.findall(rb"[\w']+", story.lower())
        named = (known[key][w] for w in reversed(words) if w in known[key])
        found.append(next(named, usual))
    return np.array(found, object)


def _read(examples):
    """Yields task and first two words, answer, and story, of each question."""
    for x, y in examples.batch(1024).as_numpy_iterator():
        for story, question, (answer, task, _) in zip(
            x["story"], x["question"], y
        ):
            yield (task, *question.lower().split()[:2]), answer, story
