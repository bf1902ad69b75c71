"""A conversation: tell a story and ask about it, line by line."""

import re
import sys
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence

from apps.qa.cli import inputs

QUESTION_WORDS = re.compile(
    r"(who|what|where|when|why|which|how|is|are|was|were|do|does|did|has|have|"
    r"can|will)\b",
    re.IGNORECASE,
)


def chat(
    answer: Callable[[str, str], str], story: str, words: Sequence[str]
) -> Iterator[str]:
    """Yields the replies to lines that are typed, or given as words.

    Args:
      answer: Maps a story, one sentence per line, and a question to a reply.
      story: The beginning of the story.
      words: The first lines.
    """
    yield "Tell a story and ask about it; `reset` starts again, `quit` ends."
    sentences = story.split("\n") if story else []
    for line in _lines(words):
        if line == "reset":
            sentences = []
            yield "A new story."
        elif line == "quit":
            return
        elif line.endswith("?") or QUESTION_WORDS.match(line):
            before, question = inputs.split_question(line)
            sentences += before.split("\n") if before else []
            yield answer("\n".join(sentences), question)
        else:
            sentences.append(line)


def _lines(words):
    """Yields the words, then the lines of standard input that are not empty."""
    yield from words
    while True:
        if sys.stdin.isatty():
            print("> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()
