"""A recording as the network hears it: features, characters, words."""

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from apps.speech.model import serving
from common.audio import decode
from common.audio import mel

LEAST = 0.3  # Probability from which on a character is named.
INCHES_PER_SECOND = 2.5
SHORTEST, LONGEST = 7.0, 60.0  # Width in inches.


def recording(model, content: bytes, outputs: dict[str, np.ndarray]) -> Figure:
    """Draws the log-mel features, and above them characters and words.

    Args:
      model: A `Recognizer`.
      content: A readable WAV file.
      outputs: Of `serve`, without the axis of the batch.
    """
    features, probabilities = _network(model, content)
    seconds = float(outputs["seconds"])
    width = np.clip(INCHES_PER_SECOND * seconds, SHORTEST, LONGEST)
    figure = Figure(figsize=(width, 5), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2, 3])
    _draw_characters(top, model.arguments.characters, probabilities)
    _draw_words(top, outputs)
    hop = mel.HOP
    bottom.imshow(
        features.T,
        origin="lower",
        aspect="auto",
        extent=(0, hop * len(features), 0, features.shape[1]),
    )
    bottom.set(
        xlabel="seconds",
        ylabel="log-mel feature",
        xlim=(0, max(seconds, hop)),
    )
    return figure


def _network(model, content):
    """Returns the features (frames, mels) and probabilities (steps, tokens)."""

    @tf.function(autograph=False)
    def run(audio):
        samples, counts, _ = decode.read(audio, model.arguments.sample_rate)
        features, _ = model.features.whole(samples, counts)
        logits, steps = model({"samples": samples, "counts": counts})
        return features[0], tf.nn.softmax(logits[0, : steps[0]])

    return (values.numpy() for values in run(tf.constant([content])))


def _draw_characters(axes, characters, probabilities):
    times = serving.STEP_SECONDS * (np.arange(len(probabilities)) + 0.5)
    axes.plot(times, probabilities[:, 0], color="0.8", label="blank")
    for token, character in enumerate(characters, 1):
        values = probabilities[:, token]
        if values.max(initial=0) < LEAST:
            continue
        (line,) = axes.plot(times, values)
        before, after = np.pad(values, (1, 0))[:-1], np.pad(values, (0, 1))[1:]
        is_peak = (values >= LEAST) & (values > before) & (values >= after)
        for place in np.flatnonzero(is_peak):
            axes.annotate(
                "␣" if character == " " else character,
                (times[place], values[place]),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                color=line.get_color(),
            )
    axes.set(ylabel="probability", ylim=(0, 1.35))
    axes.legend(loc="upper left")


def _draw_words(axes, outputs):
    names = ("words", "word_start", "word_end")
    for word, start, end in zip(*(outputs[name] for name in names)):
        if word:
            axes.axvspan(start, end, alpha=0.12, lw=0)
            axes.text(
                (start + end) / 2,
                1.2,
                word.decode(),
                ha="center",
                weight="bold",
            )
