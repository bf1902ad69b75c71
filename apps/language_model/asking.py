"""Answers to one text on the command line, a line each."""

import math

import tensorflow as tf

from apps.language_model import spelling
from common.errors import UserError

LIKELIEST = 5  # Tokens that `complete` lists.
SURPRISE = 1e-3  # Tokens that are less probable are marked by `score`.


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
    """Returns the perplexity of a text, and how improbable its surprises are.

    They stand in brackets, with how many times less than certain they are.
    """
    tokens, logs = (part.numpy() for part in model.score_tokens(text))
    between = " " if model.vocabulary.level == "word" else ""
    # The last one is the end of the text.
    marked = between.join(
        _marked(_shown(token), float(log)) for token, log in zip(tokens, logs)
    )
    return f"{math.exp(-logs.mean()):.1f}  {marked}"


def _marked(token, log):
    if log > math.log(SURPRISE):
        return token
    return f"[{token} 1:{math.exp(min(-log, 700)):,.0f}]"


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
