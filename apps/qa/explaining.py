"""How strongly each sentence was read, in figures and in a picture."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

RANKED = 3  # Answers that are shown.


class Reading(NamedTuple):
    """What a network did with a question.

    Attributes:
      question: as it was asked.
      answers: the most probable answers, with their probabilities.
      sentences: of the story.
      rows: what a row of `maps` is: "hop", "memory" or "influence".
      maps: (rows, sentences).
    """

    question: str
    answers: list[tuple[str, float]]
    sentences: list[str]
    rows: str
    maps: np.ndarray


def reading(model, story, question) -> Reading:
    """Returns what a model did with one question, (1,) strings."""
    found = {k: v.numpy()[0] for k, v in model.explain(story, question).items()}
    sentences = [s.decode() for s in found["sentences"] if s]
    answers = [a.decode() for a in found["ranking"][:RANKED]]
    return Reading(
        question.numpy()[0].decode(),
        list(zip(answers, found["odds"].tolist())),
        sentences,
        model.network.maps,
        found["maps"][:, : len(sentences)],
    )


def lines(found: Reading) -> Iterator[str]:
    """Yields a table: a line for each sentence, a column for each row."""
    ranked = ", ".join(f"{a} {odds:.3f}" for a, odds in found.answers)
    yield f"  {found.question} {ranked}"
    heads = [f"{found.rows} {i}" for i in range(1, len(found.maps) + 1)]
    width = max(6, *map(len, heads)) if len(heads) <= 5 else 5
    heads = (
        heads if len(heads) <= 5 else [str(i + 1) for i in range(len(heads))]
    )
    longest = max(map(len, found.sentences), default=0)
    yield f"  {found.rows if width == 5 else '':{longest}} " + " ".join(
        f"{head:>{width}}" for head in heads
    )
    for sentence, shares in zip(found.sentences, found.maps.T):
        shown = " ".join(f"{share:{width}.2f}" for share in shares)
        yield f"  {sentence:{longest}} {shown}"


def figure(readings: list[Reading]) -> Figure:
    """Draws a heat map for each question, sentences from top to bottom."""
    heights = [1.2 + 0.3 * max(1, len(r.sentences)) for r in readings]
    widths = [len(r.maps) for r in readings]
    drawn = Figure(
        figsize=(4.5 + 0.35 * max(widths), sum(heights)), layout="constrained"
    )
    axes = drawn.subplots(
        len(readings), 1, squeeze=False, height_ratios=heights
    )
    for axis, found in zip(axes[:, 0], readings):
        count = len(found.maps)
        axis.imshow(
            found.maps.T if found.sentences else np.zeros((1, count)),
            cmap="Blues",
            vmin=0,
            vmax=1,
            aspect="auto",
        )
        axis.set_yticks(range(len(found.sentences)), found.sentences)
        axis.set_xticks(range(count), [str(i + 1) for i in range(count)])
        axis.set_xlabel(found.rows)
        answer, odds = found.answers[0]
        axis.set_title(
            f"{found.question} {answer} ({odds:.2f})", loc="left", fontsize=10
        )
    return drawn
