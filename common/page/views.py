"""The views of answers on the page of an app; see `common.page.page`.

A view draws outputs of one signature. Its attributes are names of outputs,
unless they are described otherwise; shapes are those of the outputs, of which
the first row is drawn. The signature gets the inputs of the page and the
outputs of earlier views by their names; `arguments` has the values of all other
inputs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from collections.abc import Sequence
from typing import ClassVar
from typing import Literal


@dataclasses.dataclass(frozen=True, kw_only=True)
class View:
    """Outputs of a signature, and how they are drawn.

    Attributes:
      kind: Name of the JavaScript function that draws it.
      title: Heading above the view; the first view of a page needs none.
      signature: Name of the signature.
      arguments: Values of the inputs that are neither fields of the page nor
        outputs of earlier views.
    """

    kind: ClassVar[str]
    title: str = ""
    signature: str = "serving_default"
    arguments: Mapping[str, int | float | str] = dataclasses.field(
        default_factory=dict
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outputs(View):
    """All outputs as a table: the view of an app that declares none."""

    kind = "outputs"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Text(View):
    """A text, in large letters.

    Attributes:
      text: (rows,).
      start: Name of the input that the text begins with; that part is drawn
        lighter.
    """

    kind = "text"
    text: str
    start: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Probability(View):
    """One of two verdicts, from the probability of the second one.

    Attributes:
      probability: (rows,), probability of the second verdict.
      names: Words of both verdicts (no outputs).
    """

    kind = "probability"
    probability: str
    names: tuple[str, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ranking(View):
    """The most probable names, with bars.

    Attributes:
      names: (rows, names).
      probabilities: The same shape, in any order.
      verdict: (rows,), the answer above the bars.
    """

    kind = "ranking"
    names: str
    probabilities: str
    verdict: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Alternatives(View):
    """Texts with their scores, the best first.

    Attributes:
      texts: (rows, texts).
      scores: The same shape; below -1e30 where a text is missing.
    """

    kind = "alternatives"
    texts: str
    scores: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ColoredWords(View):
    """A text whose words speak for or against the verdict.

    Attributes:
      text: Name of an input.
      words: The words of the text that were read, in lower case.
      values: The contribution of each, positive or negative.
    """

    kind = "colored_words"
    text: str
    words: str
    values: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Surprise(View):
    """Tokens, in stronger colors the less they were expected.

    Attributes:
      tokens: In order.
      log_probabilities: In nats, one or more for each token.
      expected: The expected log probability at the same places.
      separator: Text between two tokens (no output).
    """

    kind = "surprise"
    tokens: str
    log_probabilities: str
    expected: str
    separator: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class HeatMap(View):
    """Weights between two lists of tokens, of the first alternative.

    Attributes:
      rows: Tokens, "" for padding.
      columns: Tokens, "" for padding.
      values: (..., rows, columns), from 0 to 1. A row or column after the last
        token is named "end".
    """

    kind = "heat_map"
    rows: str
    columns: str
    values: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evidence(View):
    """Sentences, and how strongly each was read.

    Attributes:
      sentences: (rows, sentences), "" for padding.
      maps: (rows, readings, sentences), from 0 to 1.
      reading: Word for one reading of the sentences, such as "hop" (no
        output).
    """

    kind = "evidence"
    sentences: str
    maps: str
    reading: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class PictureMaps(View):
    """A picture for each token, bright where the model looked.

    Attributes:
      picture: Name of an input.
      tokens: Of the first alternative, "" for padding.
      maps: (..., tokens, height, width).
    """

    kind = "picture_maps"
    picture: str
    tokens: str
    maps: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class FanChart(View):
    """The bands of a forecast, behind the history.

    Attributes:
      history: Name of an input, (rows, days); empty if it has another unit.
      dates: Name of the input of its dates.
      quantiles: (rows, coming days, levels).
      levels: Levels of the quantiles (no output).
      unit: Unit of the values, "" or "%".
    """

    kind = "fan_chart"
    history: str
    dates: str
    quantiles: str
    levels: Sequence[float]
    unit: Literal["", "%"] = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Timeline(View):
    """The probabilities of labels over time, and segments of equal labels.

    Attributes:
      labels: (rows, labels), their names.
      probabilities: (rows, time, labels).
      start: Seconds, (rows, time); the same for `end` and the segments.
      end: See `start`.
      segment_labels: (rows, segments), "" for padding.
      segment_start: See `start`.
      segment_end: See `start`.
      segment_probabilities: (rows, segments).
    """

    kind = "timeline"
    labels: str
    probabilities: str
    start: str
    end: str
    segment_labels: str
    segment_start: str
    segment_end: str
    segment_probabilities: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Frames(View):
    """Frames as an animation, and side by side.

    Attributes:
      frames: uint8 (rows, time, height, width, 3).
    """

    kind = "frames"
    frames: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Transcript(View):
    """The words of a recording, underlined by their confidence, and over time.

    A word that is pressed is played.

    Attributes:
      recording: Name of an input of kind "recording".
      transcript: (rows,), "" if no word was recognized.
      words: (rows, words), "" for padding.
      start: Seconds, (rows, words).
      end: See `start`.
      confidence: (rows, words), from 0 to 1.
      seconds: (rows,), length of the recording; 0 if it cannot be read.
    """

    kind = "transcript"
    recording: str
    transcript: str
    words: str
    start: str
    end: str
    confidence: str
    seconds: str
