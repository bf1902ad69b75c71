"""Stories with questions, in the format of bAbI.

A line is `number text` or `number question<TAB>answer<TAB>numbers of the
supporting lines`. The number 1 starts a new story; within a story, lines are
numbered consecutively.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from common.data import text_files

_LINE = re.compile(r"(\d+) +(\S.*)")


class Question(NamedTuple):
    """A question about the sentences before it.

    Attributes:
      story: The sentences.
      question: Its text.
      answer: The answer.
      support: The sentences of the story from which the answer follows.
    """

    story: tuple[str, ...]
    question: str
    answer: str
    support: tuple[str, ...]


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yields for each story the number of its first line, and its lines.

    Args:
      text: A file of stories.
    """
    first, lines = 1, []
    for number, line in enumerate(text_files.lines(text), 1):
        if re.match(r"1\s", line) and lines:
            yield first, "\n".join(lines)
            first, lines = number, []
        lines.append(line)
    if any(line.strip() for line in lines):
        yield first, "\n".join(lines)


def parse(block: str, first: int = 1) -> list[Question]:
    """Returns the questions of a story.

    Args:
      block: The lines of the story; empty lines are skipped.
      first: The number of its first line in the file, for error messages.

    Raises:
      ValueError: A line has no number or a wrong one, a question has no
        answer, or the text was not UTF-8.
    """
    text_files.require_utf8(block)
    sentences, questions = {}, []
    expected = 1
    for place, line in enumerate(text_files.lines(block), first):
        if not line.strip():
            continue
        text = _text(line.strip(), expected, place)
        if "\t" in text:
            questions.append(_question(text, sentences, place))
        else:
            sentences[expected] = text
        expected += 1
    return questions


def parse_sentences(text: str) -> list[str]:
    """Returns the sentences of one story, whose lines may be numbered.

    Args:
      text: One sentence per line. If the first line is numbered, the format
        is that of `parse`, and questions are skipped.

    Raises:
      ValueError: See `parse`.
    """
    lines = enumerate(text_files.lines(text_files.require_utf8(text)), 1)
    lines = [(place, line.strip()) for place, line in lines if line.strip()]
    if not lines or not _LINE.fullmatch(lines[0][1]):
        return [line for _, line in lines]
    texts = [
        _text(line, number, place)
        for number, (place, line) in enumerate(lines, 1)
    ]
    return [text for text in texts if "\t" not in text]


def _text(line, expected, place):
    """Returns the text of a line that must have the expected number."""
    match = _LINE.fullmatch(line)
    if not match:
        raise ValueError(
            f"line {place} has no number and text: {line[:40]!r}; write "
            f"'{expected} {line[:20]}...'"
        )
    if int(match[1]) != expected:
        raise ValueError(
            f"line {place} has the number {match[1]}, not {expected}: number "
            "the lines of a story consecutively, from 1"
        )
    return match[2]


def _question(text, sentences, place):
    question, answer, *support = (part.strip() for part in text.split("\t"))
    if not question or not answer:
        raise ValueError(
            f"line {place} has no question and answer: {text[:40]!r}; write "
            "question<TAB>answer"
        )
    numbers = [int(n) for n in re.findall(r"\d+", " ".join(support))]
    return Question(
        tuple(sentences.values()),
        question,
        answer,
        tuple(sentences[n] for n in sorted(set(numbers)) if n in sentences),
    )
