"""The options of the translation app."""

import dataclasses

from common import options
from common.config import option
from common.generation.options import TextConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslationConfig(TextConfig):
    """Options of a translator, its training and its answers."""

    columns: str = options.columns("source,target")
    pair: str = option(
        "en-de",
        "Source and target language of a public data set.",
        group="Data",
    )
    max_tokens: int = option(
        200,
        "Maximum number of tokens of a sentence; the rest is cut off.",
        group="Model",
        minimum=1,
        maximum=1000,
    )
    depth: int = option(
        1,
        "Number of recurrent layers of the encoder, and of the decoder.",
        group="Model",
        minimum=1,
    )
    bidirectional: bool = option(
        True, "Let the encoder read in both directions.", group="Model"
    )
    residual: bool = option(
        False,
        "Add the input of a recurrent layer to its output, where both have "
        "the same size.",
        group="Model",
    )
    reverse_source: bool = option(
        False,
        "Let the encoder read the last token of the source first.",
        group="Model",
    )
    epochs: int = option(
        8, "Passes over the training sentences.", group="Training", minimum=1
    )
    coverage_penalty: float = option(
        0.0,
        "Coverage penalty of the beam: how much it costs to leave words of "
        "the source untranslated.",
        group="Decoding",
        affects="answers",
        minimum=0,
    )
    ensemble: str = options.ensemble("that vote on each token together with")
    heatmap: str = option(
        "",
        "With predict: file MINE.png for a figure of the attention.",
        group="Prediction",
        affects="nothing",
    )
