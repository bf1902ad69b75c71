"""The network of a recognizer without its features, for other runtimes."""

import tensorflow as tf

from apps.speech.model import encoder as encoder_lib
from common.audio import decode
from common.audio import mel
from common.audio import normalization
from common.export.networks import Network
from common.export.networks import Networks

AUDIO = tf.TensorSpec([None], tf.string, "audio")


def networks_of(recognizer):
    """Returns the network from features to logits of characters.

    The features are outside: LiteRT has no Fourier transform. So are the
    scorers and the search.

    Args:
      recognizer: A `Recognizer`.
    """
    arguments = recognizer.arguments
    features = tf.TensorSpec(
        [None, None, arguments.mels], tf.float32, "features"
    )

    def recognize(features):
        return {"logits": recognizer.encoder.logits(features)}

    @tf.function(input_signature=[AUDIO], autograph=False)
    def features_of(audio):
        recordings = decode.read(audio, arguments.sample_rate)
        return recognizer.features.whole(recordings.samples, recordings.counts)[
            0
        ]

    def logits(run, x, y=None):
        return run("recognizer", features=features_of(x["audio"]))["logits"]

    def answer(run, x):
        return {"transcript": _transcripts(recognizer, logits(run, x))}

    return Networks(
        parts={"recognizer": Network(recognize, [features])},
        files={
            "vocabulary": {"characters": arguments.characters},
            "preprocessing": _settings(arguments),
        },
        logits=logits,
        answer=answer,
    )


def _transcripts(recognizer, logits):
    """Returns the transcripts of the search that the model has."""
    serving = recognizer.serving
    batch, steps, _ = logits.shape
    beams = serving.advance(
        serving.beams(batch),
        tf.nn.log_softmax(logits),
        tf.fill([batch], steps),
    )
    return serving.ranked(beams)["transcript"]


def _settings(arguments):
    """Returns the settings from samples to features, and of the logits."""
    settings = {
        "sample_rate": arguments.sample_rate,
        "mels": arguments.mels,
        "window_seconds": mel.WINDOW,
        "hop_seconds": mel.HOP,
        "lowest_hertz": mel.LOWEST,
        "floor": mel.FLOOR,
        "least_deviation": normalization.MIN_DEVIATION,
        "blank": 0,
        "first_character": 1,
        "frames_per_step": encoder_lib.STRIDE,
        "prior_frames": 0,
    }
    if arguments.bidirectional:  # Normalized over the whole recording.
        return settings
    return settings | {
        "prior_frames": normalization.PRIOR_FRAMES,
        "prior_mean": normalization.PRIOR_MEAN,
        "prior_deviation": normalization.PRIOR_DEVIATION,
    }
