"""The options of the translation app."""

import dataclasses

from common.config import option
from common.generation.options import WriterConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslationConfig(WriterConfig):
    """What can be asked of a translator, and of its training."""

    dataset: str = option(
        "sample",
        "sample, multi30k, tatoeba, a file MINE.tsv of rows "
        "source<TAB>translation, or two files MINE.en,MINE.de.",
    )
    pair: str = option(
        "en-de",
        "Languages, from-to: of multi30k en-de, en-fr, de-en or fr-en, of "
        "tatoeba eng-fra or eng-deu.",
    )
    max_tokens: int = option(
        200,
        "Tokens read and written of a sentence; the rest is cut off.",
        minimum=1,
        maximum=1000,
    )
    depth: int = option(
        1, "Recurrent layers of the encoder, and of the decoder.", minimum=1
    )
    bidirectional: bool = option(
        True, "Whether the encoder reads backwards, too."
    )
    residual: bool = option(
        False,
        "Whether layers add their inputs to their outputs, where both have "
        "the same size.",
    )
    reverse_source: bool = option(
        False, "Whether the encoder reads the last token first."
    )
    epochs: int = option(8, "Passes over the training sentences.", minimum=1)
    coverage_penalty: float = option(
        0.0,
        "Of the beam: how much it costs to leave words of the source out.",
        minimum=0,
        of_run=False,
        of_answer=True,
    )
    ensemble: str = option(
        "",
        "Folders of further runs, with commas between, that decide together "
        "with this one.",
        of_run=False,
        of_answer=True,
    )
    heatmap: str = option(
        "",
        "With predict: a file .png for a picture of the attention.",
        of_run=False,
    )
