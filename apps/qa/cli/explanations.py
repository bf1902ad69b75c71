"""How strongly each sentence was read, as a table and as a heat map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    import tensorflow as tf

    from apps.qa.model.answerer import Answerer

RANKED = 3  # Answers in the table.
WIDE = 5  # Up to this number of columns, each has its full name.


class Explanation(NamedTuple):
    """How a network read a story to answer a question.

    Attributes:
      question: Its text.
      answers: The most probable answers with their probabilities.
      sentences: Those of the story.
      map_rows: What a row of `maps` is: "hop", "memory" or "influence".
      maps: float (rows, sentences).
    """

    question: str
    answers: list[tuple[str, float]]
    sentences: list[str]
    map_rows: str
    maps: np.ndarray


def explain(
    model: Answerer, story: tf.Tensor, question: tf.Tensor
) -> Explanation:
    """Returns the explanation of one answer.

    Args:
      model: A trained model.
      story: string (1,).
      question: string (1,).
    """
    outputs = model.explain(story, question)
    outputs = {name: value.numpy()[0] for name, value in outputs.items()}
    sentences = [s.decode() for s in outputs["sentences"] if s]
    answers = [answer.decode() for answer in outputs["ranking"][:RANKED]]
    return Explanation(
        question.numpy()[0].decode(),
        list(zip(answers, outputs["odds"].tolist())),
        sentences,
        model.network.map_rows,
        outputs["maps"][:, : len(sentences)],
    )


def table(explanation: Explanation) -> Iterator[str]:
    """Yields a table: a line for each sentence, a column for each row."""
    _, _, sentences, name, maps = explanation
    ranked = ", ".join(f"{a} {odds:.3f}" for a, odds in explanation.answers)
    yield f"  {explanation.question} {ranked}"
    numbers = range(1, len(maps) + 1)
    if len(maps) <= WIDE:
        corner, columns = "", [f"{name} {number}" for number in numbers]
        width = max(6, *map(len, columns))
    else:
        corner, columns, width = name, list(map(str, numbers)), 5
    longest = max(map(len, sentences), default=0)
    header = " ".join(f"{column:>{width}}" for column in columns)
    yield f"  {corner:{longest}} {header}"
    for sentence, shares in zip(sentences, maps.T):
        cells = " ".join(f"{share:{width}.2f}" for share in shares)
        yield f"  {sentence:{longest}} {cells}"


def figure(explanations: list[Explanation]) -> Figure:
    """Draws a heat map for each question, sentences from top to bottom."""
    heights = [1.2 + 0.3 * max(1, len(e.sentences)) for e in explanations]
    widest = max(len(e.maps) for e in explanations)
    drawing = Figure(
        figsize=(4.5 + 0.35 * widest, sum(heights)), layout="constrained"
    )
    axes = drawing.subplots(
        len(explanations), 1, squeeze=False, height_ratios=heights
    )
    for axis, explanation in zip(axes[:, 0], explanations):
        _draw(axis, explanation)
    return drawing


def _draw(axis, explanation):
    sentences, columns = explanation.sentences, len(explanation.maps)
    axis.imshow(
        explanation.maps.T if sentences else np.zeros((1, columns)),
        cmap="Blues",
        vmin=0,
        vmax=1,
        aspect="auto",
    )
    axis.set_yticks(range(len(sentences)), sentences)
    axis.set_xticks(range(columns), [str(i + 1) for i in range(columns)])
    axis.set_xlabel(explanation.map_rows)
    answer, odds = explanation.answers[0]
    axis.set_title(
        f"{explanation.question} {answer} ({odds:.2f})",
        loc="left",
        fontsize=10,
    )
