"""The options of the translation app."""

import dataclasses

from common import cells
from common.config import Config
from common.config import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslationConfig(Config):
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
    tokens: str = option(
        "subwords",
        "What the networks read and write.",
        choices=["subwords", "words", "characters"],
    )
    vocabulary_size: int = option(
        1000, "Tokens of each language, 259 at least.", minimum=259
    )
    max_tokens: int = option(
        200,
        "Tokens read and written of a sentence; the rest is cut off.",
        minimum=1,
        maximum=1000,
    )
    embedding_size: int = option(128, "Size of the token vectors.", minimum=1)
    cell: str = option("lstm", "Recurrent cell.", choices=cells.NAMES)
    units: int = option(128, "Size of the states.", minimum=2)
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
    attention: str = option(
        "luong",
        "How the decoder looks the source up.",
        choices=["bahdanau", "luong", "none"],
    )
    input_feeding: bool = option(
        False, "Whether the decoder reads what it found at the last step."
    )
    tied: bool = option(
        True, "Whether the target's vectors are the output's weights, too."
    )
    dropout: float = option(
        0.1, "Share of the features hidden in training.", minimum=0, maximum=0.9
    )
    label_smoothing: float = option(
        0.0,
        "Share of the target that is spread over all tokens.",
        minimum=0,
        maximum=0.9,
    )
    teacher_forcing: float = option(
        1.0,
        "Share of the target's tokens that the decoder reads at the end of "
        "training, where it reads its own instead.",
        minimum=0,
        maximum=1,
    )
    epochs: int = option(8, "Passes over the training sentences.", minimum=1)
    learning_rate: float = option(
        3e-3, "Step size of Adam at the start; it falls to 0.", minimum=0
    )
    beam_width: int = option(
        1,
        "Translations followed side by side; 1: the best token is taken.",
        minimum=1,
        of_run=False,
        of_answer=True,
    )
    length_penalty: float = option(
        1.0,
        "Of the beam: 0 favours short translations, 1 long ones.",
        minimum=0,
        of_run=False,
        of_answer=True,
    )
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
    alternatives: int = option(
        0,
        "With predict: show so many translations of each sentence.",
        minimum=0,
        of_run=False,
    )
    heatmap: str = option(
        "",
        "With predict: a file .png for a picture of the attention.",
        of_run=False,
    )
