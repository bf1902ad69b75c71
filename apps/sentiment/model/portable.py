"""The network of a classifier without its tokenizer, for other runtimes."""

import tensorflow as tf

from common.errors import UserError
from common.export.networks import Network
from common.export.networks import Networks
from common.text import word_tokenizer

TEXT = tf.TensorSpec([None], tf.string, "text")
TOKENS = tf.TensorSpec([None, None], tf.int32, "tokens")


def networks_of(classifier):
    """Returns the network from tokens to logits.

    Args:
      classifier: A `Classifier`.

    Raises:
      UserError: It also reads weights of n-grams, which are no numbers of a
        network but a table of texts.
    """
    arguments = classifier.arguments
    if arguments.ngram_evidence:
        raise UserError(
            "--ngram_evidence: the weights of n-grams are a table of texts, "
            "not a network: export it with --format=saved_model, or train "
            "without it."
        )

    def classify(tokens):
        return {"logits": classifier({"tokens": tokens})}

    # A graph: --int8 tokenizes all test texts, one at a time.
    @tf.function(input_signature=[TEXT], autograph=False)
    def tokens_of(text):
        return classifier.inputs(text)["tokens"].to_tensor()

    def logits(run, x, y=None):
        return run("classifier", tokens=tokens_of(x["text"]))["logits"]

    preprocessing = {
        "padding": 0,
        "unknown": word_tokenizer.UNKNOWN,
        "first_word": word_tokenizer.FIRST,
        "max_words": arguments.max_words,
        "backward": arguments.backward,
        "labels": arguments.labels,
        "label_separator": arguments.label_separator,
    }
    return Networks(
        parts={"classifier": Network(classify, [TOKENS])},
        files={
            "vocabulary": {"words": classifier.tokenize.vocabulary},
            "preprocessing": preprocessing,
        },
        logits=logits,
        answer=lambda run, x: classifier.kind.answers(logits(run, x)),
    )
