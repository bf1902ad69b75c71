"""Stories and questions from the command line, and answers for it."""

import pathlib
import re
import sys
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from apps.qa import stories
from common.errors import UserError

ASKS = re.compile(
    r"(who|what|where|when|why|which|how|is|are|was|were|do|does|did|has|have|"
    r"can|will)\b",
    re.IGNORECASE,
)


def story(path: str) -> str:
    """Returns the story of a file, a sentence a line; "" for no file.

    Raises:
      UserError: it cannot be read, or the numbers of its lines are wrong.
    """
    if not path:
        return ""
    try:
        content = pathlib.Path(path).read_bytes()
        return "\n".join(stories.sentences(content))
    except OSError as error:
        raise UserError(
            f"--story={path} cannot be read: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"--story={path} is no text in UTF-8.") from error
    except ValueError as error:
        raise UserError(f"--story={path}: {error}.") from error


def split(word: str) -> tuple[str, str]:
    """Returns the story, and the question, which is the last sentence."""
    *told, question = re.split(r"(?<=[.!?])\s+|\n+", word.strip())
    return "\n".join(told), question


def decoded(outputs: dict[str, tf.Tensor]) -> tuple[list, list, list]:
    """Returns answers, probabilities, and supports of what `serve` returned."""
    texts = [
        [text.decode() for text in outputs[name].numpy()]
        for name in ("answer", "support")
    ]
    return texts[0], outputs["probability"].numpy().tolist(), texts[1]


def line(question: str, answer: str, probability: float, support: str) -> str:
    """Returns a line to print."""
    resting = " ".join(support.splitlines())
    because = f"  because: {resting}" if resting else ""
    return f"{probability:.3f} {answer}  {question}{because}"


def chat(model, told: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yields answers to what is typed, or given as words.

    Args:
      model: an Answerer.
      told: the story at the beginning, a sentence a line.
      words: lines to begin with.
    """
    yield "Tell a story, and ask; `reset` begins anew, `quit` ends."
    sentences = told.splitlines()
    for said in _said(words):
        if said == "reset":
            sentences = []
            yield "A new story."
        elif said == "quit":
            return
        elif said.endswith("?") or ASKS.match(said):
            before, question = split(said)
            sentences += before.splitlines()
            found = model.serve(
                tf.constant(["\n".join(sentences)]), tf.constant([question])
            )
            yield line(question, *np.array(decoded(found), object)[:, 0])
        else:
            sentences.append(said)


def _said(words):
    """Yields lines until the end of the input, empty ones left out."""
    yield from words
    while True:
        if sys.stdin.isatty():
            print("> ", end="", file=sys.stderr, flush=True)
        said = sys.stdin.readline()
        if not said:
            return
        if said.strip():
            yield said.strip()
