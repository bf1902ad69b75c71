"""Answers to one text on the command line, a line each."""

import math

import tensorflow as tf

from apps.language_model import spelling
from common.errors import UserError

LIKELIEST = 5  # Tokens that `complete` lists.
SURPRISE = 2.5  # Nats beyond what is to be expected that `score` marks.


def complete(model, prefix: str) -> str:
    """Returns the likeliest next tokens, with their probabilities."""
    found = model.complete(tf.constant([prefix]), LIKELIEST)
    listed = [
        f"{_shown(token)} {p:.3f}"
        for token, p in zip(
            found["tokens"][0].numpy(), found["probabilities"][0].numpy()
        )
    ]
    return "  ".join(listed)


def score(model, text: str) -> str:
    """Returns the perplexity of a text, and the text.

    What is more surprising than could be expected stands in brackets, with how
    improbable it was there.
    """
    tokens, logs, expected = (
        part.numpy() for part in model.score_tokens(tf.constant(text))
    )
    marked = [
        _marked(_shown(token), log, log < usual - SURPRISE)
        for token, log, usual in zip(tokens, logs, expected)
    ]
    between = " " if model.vocabulary.level == "word" else ""
    return f"{math.exp(-logs.mean()):.1f}  {between.join(marked)}"


def _marked(token, log, surprising):
    if not surprising:
        return token
    return f"[{token} 1:{math.exp(min(-float(log), 700)):,.0f}]"


def _shown(token):
    return token.decode().replace("\n", "⏎")


def correct(model, text: str) -> str:
    """Returns a text with the words that were probably meant.

    Raises:
      UserError: the model is of characters.
    """
    if model.vocabulary.level != "word":
        raise UserError(
            "--correct needs a model of words: name the --run_dir of one that "
            "was trained with --level=word."
        )
    return spelling.correct(model, text)
