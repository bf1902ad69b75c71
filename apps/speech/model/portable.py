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
        states = recognizer.encoder.states(features)
        return {"logits": recognizer.decoder.head(states)}

    @tf.function(input_signature=[AUDIO], autograph=False)
    def features_of(audio):
        recordings = decode.read(audio, arguments.sample_rate)
        values, counts = recognizer.features.whole(
            recordings.samples, recordings.counts
        )
        missing = tf.maximum(1 - tf.shape(values)[1], 0)
        values = tf.pad(values, [[0, 0], [0, missing], [0, 0]])
        return values, encoder_lib.steps(counts)

    transcripts_of = _search(recognizer)

    def logits(run, x, y):
        features, _ = features_of(x["audio"])
        return run("recognizer", features=features)["logits"]

    def answer(run, x):
        features, steps = features_of(x["audio"])
        outputs = run("recognizer", features=features)
        return {"transcript": transcripts_of(outputs["logits"], steps)}

    return Networks(
        parts={"recognizer": Network(recognize, [features])},
        files={
            "vocabulary": {"characters": arguments.characters},
            "preprocessing": _settings(arguments),
        },
        logits=logits,
        answer=answer,
    )


def _search(recognizer):
    """Returns the search of the model: from logits and steps to transcripts."""
    decoder = recognizer.decoder
    tokens = 1 + len(recognizer.arguments.characters)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, tokens], tf.float32),
            tf.TensorSpec([None], tf.int32),
        ],
        autograph=False,
    )
    def transcripts(logits, steps):
        beams = decoder.beams(tf.shape(logits)[0])
        beams = decoder.advance(beams, tf.nn.log_softmax(logits), steps)
        return decoder.ranked(beams)["transcript"]

    return transcripts


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
    means, deviations = zip(*arguments.prior)
    return settings | {
        "prior_frames": normalization.PRIOR_FRAMES,
        "prior_means": means,
        "prior_deviations": deviations,
    }
