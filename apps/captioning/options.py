"""The options of the captioning app."""

import dataclasses

from common.config import option
from common.generation.options import WriterConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaptioningConfig(WriterConfig):
    """What can be asked of a captioner, and of its training."""

    dataset: str = option(
        "sample",
        "sample, flickr8k, coco, or a file MINE.tsv of rows file<TAB>caption.",
    )
    encoder: str = option(
        "small_cnn",
        "Convolutional network that looks at the picture.",
        choices=[
            "small_cnn",
            "mobilenet_025",
            "mobilenet",
            "mobilenet_v2",
            "efficientnet",
            "resnet50",
            "vgg16",
            "inception",
        ],
    )
    encoder_weights: str = option(
        "",
        "Weights from which the encoder starts: a file, or imagenet, which "
        "Keras fetches; if empty, it is trained from scratch.",
    )
    fine_tune: bool = option(
        False,
        "Whether an encoder with weights learns, too; otherwise what it sees "
        "is computed once for each picture, and kept in the user's cache.",
    )
    image_size: int = option(
        0,
        "Side in pixels to which pictures are scaled; 0: what the encoder was "
        "made for.",
        minimum=0,
        maximum=2048,
    )
    tokens: str = option(
        "words",
        "What captions are made of.",
        choices=["subwords", "words", "characters"],
    )
    max_tokens: int = option(
        40,
        "Tokens of a caption; the rest is cut off.",
        minimum=1,
        maximum=1000,
    )
    depth: int = option(1, "Recurrent layers.", minimum=1)
    attention: str = option(
        "bahdanau",
        "How each word looks at the picture; with none, the picture is in the "
        "first states alone (Show and Tell).",
        choices=["bahdanau", "luong", "none"],
    )
    doubly_stochastic: float = option(
        0.0,
        "Weight of what makes the attention visit all of the picture.",
        minimum=0,
    )
    self_critical_epochs: int = option(
        0,
        "The last of the epochs, in which captions that the model draws are "
        "judged by CIDEr-D.",
        minimum=0,
    )
    epochs: int = option(9, "Passes over the training pictures.", minimum=1)
    batch_size: int = option(16, "Pictures per training step.", minimum=1)
    learning_rate: float = option(
        1.5e-3,
        "Step size of Adam at the start; it falls to 0, and is a twentieth of "
        "this in self-critical epochs.",
        minimum=0,
    )
    diversity: float = option(
        0.0,
        "With predict --alternatives: what a word costs that another caption "
        "has at the same place (diverse beam search).",
        minimum=0,
        of_run=False,
    )
    attention_map: str = option(
        "",
        "With predict: a file .png for a picture of where each word looks.",
        of_run=False,
    )
    sheet: str = option(
        "",
        "With predict: a file .png that shows all pictures and captions.",
        of_run=False,
    )
