"""Options of the apps whose answer is a text."""

import dataclasses

from common import options
from common.config import Config
from common.config import option


@dataclasses.dataclass(frozen=True, kw_only=True)
class WriterConfig(Config):
    """What can be asked of a network that writes, and of its training."""

    tokens: str = option(
        "subwords",
        "What the networks read and write.",
        choices=["subwords", "words", "characters"],
    )
    vocabulary_size: int = option(
        1000, "Tokens of each vocabulary, 259 at least.", minimum=259
    )
    embedding_size: int = option(128, "Size of the token vectors.", minimum=1)
    cell: str = option("lstm", "Recurrent cell.", choices=options.CELLS)
    units: int = option(128, "Size of the states.", minimum=2)
    attention: str = option(
        "luong",
        "How the decoder looks up what was read.",
        choices=["bahdanau", "luong", "none"],
    )
    input_feeding: bool = option(
        False, "Whether the decoder reads what it found at the last step."
    )
    tied: bool = option(
        True,
        "Whether the vectors of the tokens that are written are the output's "
        "weights, too.",
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
    learning_rate: float = option(
        3e-3, "Step size of Adam at the start; it falls to 0.", minimum=0
    )
    beam_width: int = option(
        1,
        "Texts followed side by side; 1: the best token is taken.",
        minimum=1,
        of_run=False,
        of_answer=True,
    )
    length_penalty: float = option(
        1.0,
        "Of the beam: 0 favours short texts, 1 long ones.",
        minimum=0,
        of_run=False,
        of_answer=True,
    )
    alternatives: int = option(
        0,
        "With predict: show so many answers to each input.",
        minimum=0,
        of_run=False,
    )
