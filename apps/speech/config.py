"""The options of the speech app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option
from common.errors import UsageError

# As beams.MAX_WIDTH of CTC, whose module imports TensorFlow.
MAX_WIDTH = 128
# Options that need a probability of each character at each step, and the value
# without effect.
OF_CTC = {
    "language_model": "transcripts",
    "word_bonus": 0.0,
    "word_list": "",
    "stream": False,
    "format": "saved_model",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpeechConfig(Config):
    """Options of a speech recognizer, its training and its decoding."""

    columns: str = options.columns("file,transcript")
    test_speaker: str = option(
        "",
        "With fsdd: the speaker whose recordings are the test split; the "
        "others are for training. If empty, the official split.",
        group="Data",
    )
    sample_rate: int = option(
        8000,
        "Samples a second to which recordings are converted.",
        group="Model",
        minimum=4000,
        maximum=48000,
    )
    mels: int = option(
        40,
        "Log-mel features of each frame.",
        group="Model",
        minimum=4,
        maximum=256,
    )
    cell: str = options.cell("gru")
    units: int = options.units(128)
    depth: int = options.depth(2)
    bidirectional: bool = option(
        True,
        "Read each recording in both directions; without it, streams can be "
        "answered.",
        group="Model",
    )
    lookahead: int = option(
        15,
        "Without --bidirectional: how many steps of 20 ms after a step the "
        "network reads before it answers.",
        group="Model",
        minimum=0,
        maximum=500,
    )
    decoder: str = option(
        "ctc",
        "What predicts the characters: a character or none at each step (ctc), "
        "or one after the other, with attention.",
        group="Model",
        choices=["ctc", "attention"],
    )
    attention: str = option(
        "bahdanau",
        "Attention of --decoder=attention; luong needs less memory for long "
        "recordings, and more of them to learn from.",
        group="Model",
        choices=["bahdanau", "luong"],
    )
    dropout: float = options.dropout()
    speed: float = options.share(
        0.1,
        "Augmentation: the speed of a recording is multiplied by a factor "
        "that differs from 1 by at most this share.",
        group="Training",
    )
    pitch: float = options.share(
        0.1,
        "Augmentation: frequencies are multiplied by a factor that differs "
        "from 1 by at most this share.",
        group="Training",
    )
    gain: float = option(
        6.0,
        "Augmentation: loudness changes by at most this many decibels.",
        group="Training",
        minimum=0,
        maximum=60,
    )
    noise: float = options.share(
        0.3,
        "Augmentation: share of recordings to which noise is added.",
        group="Training",
    )
    mask_share: float = options.share(
        0.1,
        "Augmentation: largest share of the features that a mask of "
        "frequencies hides; masks of time are shorter (SpecAugment).",
        group="Training",
    )
    label_smoothing: float = options.share(
        0.0,
        "With --decoder=attention: share of the target distribution spread "
        "over all characters.",
        group="Training",
    )
    epochs: int = option(
        16, "Passes over the training recordings.", group="Training", minimum=1
    )
    batch_size: int = option(
        16, "Recordings per training step.", group="Training", minimum=1
    )
    learning_rate: float = options.cosine_learning_rate(3e-3)
    beam_width: int = option(
        8,
        "Beam width; 1 is greedy decoding.",
        group="Decoding",
        affects="answers",
        minimum=1,
        maximum=MAX_WIDTH,
    )
    language_model: str = option(
        "transcripts",
        "With --decoder=ctc: text file, a sentence a line, whose character "
        "n-grams score the transcripts in the beam; transcripts: those of the "
        "training recordings; if empty, none.",
        group="Decoding",
        affects="answers",
    )
    language_weight: float = option(
        0.5,
        "Weight of --language_model; the network has a weight of 1.",
        group="Decoding",
        affects="answers",
        minimum=0,
        maximum=10,
    )
    word_bonus: float = option(
        0.0,
        "Score of each word, in nats: a language model favors few words.",
        group="Decoding",
        affects="answers",
        minimum=-10,
        maximum=10,
    )
    word_list: str = option(
        "",
        "Text file with the words, one a line, that transcripts may have; "
        "transcripts: those of the training recordings; if empty, all.",
        group="Decoding",
        affects="answers",
    )
    alternatives: int = option(
        0,
        "With predict: number of transcripts to show for each recording, at "
        "most --beam_width.",
        group="Prediction",
        affects="nothing",
        minimum=0,
        maximum=MAX_WIDTH,
    )
    times: bool = option(
        False,
        "With predict: show the times and confidences of words.",
        group="Prediction",
        affects="nothing",
    )
    stream: bool = option(
        False,
        "With predict: show the words of a recording as they come; for models "
        "that were trained without --bidirectional.",
        group="Prediction",
        affects="nothing",
    )
    picture: str = option(
        "",
        "With predict: .png file that shows the features of a recording, the "
        "probabilities of characters, and the words.",
        group="Prediction",
        affects="nothing",
    )

    def __post_init__(self):
        """Raises UsageError if an option needs another decoder."""
        super().__post_init__()
        if self.decoder == "ctc":
            return
        for name, unused in OF_CTC.items():
            value = getattr(self, name)
            if value and value != unused:
                raise UsageError(
                    f"--{name}={value} needs a model with --decoder=ctc: leave "
                    "it out, or train one."
                )
