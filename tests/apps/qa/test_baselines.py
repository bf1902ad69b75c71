"""The baselines answer without reading."""

import numpy as np
import tensorflow as tf

from apps.qa import baselines


def examples(*rows):
    stories, questions, answers = map(list, zip(*rows))
    return tf.data.Dataset.from_tensor_slices(
        (
            {"story": stories, "question": questions},
            {"answer": answers, "task": [1] * len(rows)},
        )
    )


TRAINING = examples(
    ("Anna left.", "Where is Anna?", "attic"),
    ("Anna left.", "Where is Ben?", "attic"),
    ("Anna left.", "Where is Ben?", "cellar"),
    ("Anna left.", "Who is there?", "Ben"),
)
TEST = examples(
    ("To the attic. To the cellar. Ben.", "Where is Ben?", ""),
    ("Nobody.", "Where is Ben?", ""),
    ("Nobody.", "Why not?", ""),
)


def test_the_most_frequent_answer_is_that_of_similar_questions():
    np.testing.assert_array_equal(
        baselines.most_frequent(TRAINING, TEST), [b"attic"] * 3
    )


def test_the_answer_named_last_is_a_candidate_of_similar_questions():
    np.testing.assert_array_equal(
        baselines.last_named(TRAINING, TEST), [b"cellar", b"attic", b"attic"]
    )
