"""The network of an answerer without its tokenizer, for other runtimes."""

import tensorflow as tf

from common.export.networks import Network
from common.export.networks import Networks
from common.text import word_tokenizer


def networks_of(answerer):
    """Returns the network from the tokens of sentences to logits of answers.

    Args:
      answerer: An `Answerer`.
    """
    arguments = answerer.arguments
    words = arguments.max_words

    def answer(story, question):
        return {"logits": answerer({"story": story, "question": question})}

    def logits(run, x, y):
        story = answerer.tokens(answerer.sentences(x["story"]))
        story = story.to_tensor(shape=[None, None, words])
        question = answerer.words(x["question"])
        return run("answerer", story=story, question=question)["logits"]

    return Networks(
        parts={
            "answerer": Network(
                answer,
                [
                    tf.TensorSpec([None, None, words], tf.int32, "story"),
                    tf.TensorSpec([None, words], tf.int32, "question"),
                ],
            )
        },
        files={
            "vocabulary": {
                "words": arguments.vocabulary,
                # The first logit stands for answers that are not known.
                "answers": ["", *arguments.answers],
            },
            "preprocessing": {
                "padding": 0,
                "unknown": word_tokenizer.UNKNOWN,
                "first_word": word_tokenizer.FIRST,
                "max_words": words,
                "max_sentences": arguments.max_sentences,
            },
        },
        logits=logits,
    )
