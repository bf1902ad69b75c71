"""The options of the captioning app."""

import dataclasses

from common import options
from common.config import option
from common.generation.options import TextConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class CaptioningConfig(TextConfig):
    """Options of a captioner, its training and its answers."""

    columns: str = options.columns("file,caption")
    encoder: str = option(
        "small_cnn",
        "Convolutional network that encodes a picture.",
        group="Model",
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
        "Pretrained weights of the encoder: a file, or imagenet, which Keras "
        "downloads; if empty, it is trained from scratch.",
        group="Model",
    )
    fine_tune: bool = option(
        False,
        "Also train a pretrained encoder. Otherwise its features are computed "
        "once for each picture, and kept in the user's cache.",
        group="Training",
    )
    image_size: int = option(
        0,
        "Side in pixels to which pictures are scaled; 0 for the published "
        "size of the encoder.",
        group="Advanced",
        minimum=0,
        maximum=2048,
    )
    tokenizer: str = option(
        "words",
        "Tokens that the network generates.",
        group="Model",
        choices=["subwords", "words", "characters"],
        former_name="tokens",
    )
    max_tokens: int = option(
        40,
        "Maximum number of tokens of a caption.",
        group="Model",
        minimum=1,
        maximum=1000,
    )
    depth: int = options.depth()
    attention: str = option(
        "bahdanau",
        "Attention of the decoder to the picture; with none, the picture only "
        "sets the initial states (Show and Tell).",
        group="Model",
        choices=["bahdanau", "luong", "none"],
    )
    doubly_stochastic: float = option(
        0.0,
        "Weight of the cost that makes the attention cover the whole picture.",
        group="Training",
        minimum=0,
    )
    self_critical_epochs: int = option(
        0,
        "Number of the last epochs that reward sampled captions by CIDEr-D.",
        group="Training",
        minimum=0,
    )
    epochs: int = option(
        12, "Passes over the training pictures.", group="Training", minimum=1
    )
    batch_size: int = option(
        16, "Pictures per training step.", group="Training", minimum=1
    )
    learning_rate: float = option(
        1.5e-3,
        "Initial learning rate of Adam; decays to 0 along a cosine, or to a "
        "twentieth before self-critical epochs.",
        group="Training",
        minimum=0,
    )
    diversity: float = option(
        0.0,
        "With --alternatives: penalty of a word for each other caption that "
        "has it at the same position (diverse beam search).",
        group="Prediction",
        affects="nothing",
        minimum=0,
    )
    attention_map: str = option(
        "",
        "With predict: .png file that shows the attention of each word.",
        group="Prediction",
        affects="nothing",
    )
    sheet: str = option(
        "",
        "With predict: .png file that shows all pictures with captions.",
        group="Prediction",
        affects="nothing",
    )
