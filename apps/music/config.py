"""The options of the music app."""

import dataclasses

from common import options
from common.config import Config
from common.config import option

# Families of distributions of a frame; a number belongs to one of them.
NETWORKS = ["voices", "nade", "keys", "melody"]


def _decoding_option(default, help, **bounds):
    return option(default, help, group="Decoding", affects="answers", **bounds)


def _prediction_option(default, help, **bounds):
    return option(
        default, help, group="Prediction", affects="nothing", **bounds
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class MusicConfig(Config):
    """Options of a composer, its training and its sampling."""

    frames_per_beat: int = option(
        4,
        "With files of your own: frames of a quarter note.",
        group="Data",
        minimum=1,
        maximum=24,
    )
    network: str = option(
        "voices",
        "What a frame is: the pitches of four voices, 88 keys that depend on "
        "one another (nade) or not (keys), or the highest note (melody).",
        group="Model",
        choices=NETWORKS,
    )
    cell: str = options.cell("gru")
    units: int = options.units(128)
    depth: int = options.depth()
    frame_units: int = option(
        128,
        "Hidden units of the distribution of a frame; not of keys.",
        group="Model",
        minimum=1,
    )
    attention_frames: int = option(
        0,
        "Number of earlier frames to which the network attends; 0 for none.",
        group="Model",
        minimum=0,
        maximum=1000,
    )
    dropout: float = options.dropout(0.0)
    transpose: int = option(
        6,
        "Augmentation: transposes a piece by at most this many semitones, "
        "within the range of the training pieces.",
        group="Training",
        minimum=0,
        maximum=12,
    )
    window: int = option(
        256,
        "Frames of a training window; longer pieces are cut.",
        group="Training",
        minimum=2,
        maximum=10_000,
    )
    epochs: int = option(
        20, "Passes over the training pieces.", group="Training", minimum=1
    )
    batch_size: int = option(
        16, "Windows per training step.", group="Training", minimum=1
    )
    learning_rate: float = options.cosine_learning_rate(5e-3)
    bars: int = _decoding_option(
        8,
        "Bars of four beats that are composed after the primer.",
        minimum=0,
        maximum=500,
    )
    primer_bars: int = _decoding_option(
        0,
        "With predict: bars of the primer that are read; 0 for all.",
        minimum=0,
        maximum=500,
    )
    temperature: float = _decoding_option(
        1.0, "Sampling temperature; 0 is greedy decoding.", minimum=0
    )
    top_p: float = _decoding_option(
        1.0,
        "Nucleus sampling: sample from the most probable outcomes whose "
        "probabilities add up to this.",
        minimum=0,
        maximum=1,
    )
    sampling_seed: int = _decoding_option(
        0, "Seed of the sampling.", minimum=0, maximum=2**31 - 1
    )
    tempo: float = _decoding_option(
        100.0, "Beats per minute of the files.", minimum=10, maximum=1000
    )
    key: str = _prediction_option(
        "",
        "With generate: key of the piece, such as C, F# or Am; if empty, any.",
    )
    output_dir: str = option(
        "",
        "With predict, generate and harmonize: folder of the files; "
        "<run_dir>/pieces if empty.",
        group="Files",
        affects="nothing",
    )
