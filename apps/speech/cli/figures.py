"""A recording as the network hears it: features, characters, words."""

import numpy as np
import tensorflow as tf
from matplotlib.figure import Figure

from common.audio import decode
from common.audio import mel

INCHES_PER_SECOND = 2.5
SHORTEST, LONGEST = 7.0, 60.0  # Width in inches.


def recording(model, content: bytes, outputs: dict[str, np.ndarray]) -> Figure:
    """Draws the log-mel features, and above them characters and words.

    Args:
      model: A `Recognizer`.
      content: A readable WAV file.
      outputs: Of `serve`, without the axis of the batch.
    """
    features, *curves = _network(model, content)
    seconds = float(outputs["seconds"])
    width = np.clip(INCHES_PER_SECOND * seconds, SHORTEST, LONGEST)
    figure = Figure(figsize=(width, 5), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[2, 3])
    _draw_curves(top, model.decoder, *curves)
    _draw_words(top, outputs)
    bottom.imshow(
        features.T,
        origin="lower",
        aspect="auto",
        extent=(0, mel.HOP * len(features), 0, features.shape[1]),
    )
    bottom.set(
        xlabel="seconds",
        ylabel="log-mel feature",
        xlim=(0, max(seconds, mel.HOP)),
    )
    return figure


def _network(model, content):
    """Returns the features (frames, mels), and `Decoder.curves`."""

    @tf.function(autograph=False)
    def run(audio):
        samples, counts, _ = decode.read(audio, model.arguments.sample_rate)
        features, _ = model.features.whole(samples, counts)
        states, steps = model.encode(samples, counts)
        return features[0], *model.decoder.curves(states, steps)

    return (values.numpy() for values in run(tf.constant([content])))


def _draw_curves(axes, decoder, characters, curves, thresholds):
    """Draws a line for each character, with its name at the peaks."""
    times = decoder.place_seconds * (np.arange(curves.shape[1]) + 0.5)
    for character, values, least in zip(characters, curves, thresholds):
        if not character:
            axes.plot(times, values, color="0.8", label="blank")
            axes.legend(loc="upper left")
        elif values.max(initial=0) >= least:
            (line,) = axes.plot(times, values)
            _name_peaks(axes, times, values, least, character, line)
    axes.set(ylabel=decoder.quantity, ylim=(0, 1.35))


def _name_peaks(axes, times, values, least, character, line):
    before, after = np.pad(values, (1, 0))[:-1], np.pad(values, (0, 1))[1:]
    is_peak = (values >= least) & (values > before) & (values >= after)
    for place in np.flatnonzero(is_peak):
        axes.annotate(
            "␣" if character == b" " else character.decode(),
            (times[place], values[place]),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            color=line.get_color(),
        )


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
