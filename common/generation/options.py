"""Options of the apps whose answer is a text."""

import dataclasses

from common import options
from common.config import Config
from common.config import option

# As numbers.MAX_WIDTH, whose module imports TensorFlow.
MAX_WIDTH = 128


@dataclasses.dataclass(frozen=True, kw_only=True)
class TextConfig(Config):
    """Options of an encoder-decoder network, its training and decoding."""

    tokenizer: str = option(
        "subwords",
        "Tokens that the network reads and generates.",
        group="Model",
        choices=["subwords", "words", "characters"],
        former_name="tokens",
    )
    vocabulary_size: int = option(
        1000,
        "Tokens of each vocabulary, at least 259.",
        group="Model",
        minimum=259,
    )
    embedding_size: int = options.embedding_size(128)
    cell: str = options.cell()
    units: int = options.units(128, minimum=2)
    attention: str = option(
        "bahdanau",
        "Attention of the decoder.",
        group="Model",
        choices=["bahdanau", "luong", "none"],
    )
    input_feeding: bool = option(
        False,
        "Feed the attention vector of a step into the next step.",
        group="Model",
    )
    tied: bool = option(
        True,
        "Share the weights of the target embedding and the output layer.",
        group="Model",
    )
    dropout: float = options.dropout()
    label_smoothing: float = options.share(
        0.0,
        "Share of the target distribution spread over all tokens.",
        group="Training",
    )
    teacher_forcing: float = option(
        1.0,
        "Teacher forcing ratio at the end of training; it decays linearly "
        "from 1 (scheduled sampling).",
        group="Training",
        minimum=0,
        maximum=1,
    )
    learning_rate: float = options.cosine_learning_rate(3e-3)
    beam_width: int = option(
        1,
        "Beam width; 1 is greedy decoding.",
        group="Decoding",
        affects="answers",
        minimum=1,
        maximum=MAX_WIDTH,
    )
    length_penalty: float = option(
        1.0,
        "Length penalty of the beam: 0 favors short texts, 1 long ones.",
        group="Decoding",
        affects="answers",
        minimum=0,
    )
    alternatives: int = option(
        0,
        "With predict: number of answers to show for each input.",
        group="Prediction",
        affects="nothing",
        minimum=0,
        maximum=MAX_WIDTH,
    )
