"""Transcribes recordings without TensorFlow: speech.py FOLDER FILE...

FOLDER is an export of `python -m apps.speech export`, with --format=litert or
--format=onnx. Files are WAV of 16 bits, with the sample rate of the model. The
likeliest character of each step is taken.
"""

import pathlib
import sys
import wave

import networks
import numpy as np


def read(path, rate):
    """Returns the samples of a file, from -1 to 1; the mean of its channels."""
    with wave.open(str(path)) as file:
        form = file.getsampwidth(), file.getframerate()
        if form != (2, rate):
            raise SystemExit(f"{path} is not WAV of 16 bits at {rate:,} Hz.")
        content = file.readframes(file.getnframes())
        channels = file.getnchannels()
    samples = np.frombuffer(content, "<i2").reshape(-1, channels)
    return samples.mean(1) / 2**15


def triangles(rate, size, lowest, mels):
    """Returns the weights of the bins of the spectrum for each feature."""

    def to_mel(hertz):
        return 2595 * np.log10(1 + np.asarray(hertz) / 700)

    edges = np.linspace(to_mel(lowest), to_mel(rate / 2), mels + 2)
    low, center, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bins = to_mel(np.arange(size // 2 + 1) * rate / size)
    rise, fall = (bins - low) / (center - low), (high - bins) / (high - center)
    return np.maximum(np.minimum(rise, fall), 0)


def features_of(samples, settings):
    """Returns normalized log-mel features, float32 (frames, mels)."""
    rate, mels = settings["sample_rate"], settings["mels"]
    window = round(settings["window_seconds"] * rate)
    hop = round(settings["hop_seconds"] * rate)
    start, size = (window - hop) // 2, 2 ** (window - 1).bit_length()
    frames = max(1, -(-len(samples) // hop))
    end = max(0, window + (frames - 1) * hop - start - len(samples))
    padded = np.pad(samples, (start, end))
    places = hop * np.arange(frames)[:, None] + np.arange(window)
    cut = padded[places]
    cut = cut - cut.mean(1, keepdims=True)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    power = np.abs(np.fft.rfft(cut * hann, size)) ** 2
    weights = triangles(rate, size, settings["lowest_hertz"], mels)
    values = np.log(np.maximum(power @ weights.T, settings["floor"]))
    prior = settings["prior_frames"]
    if prior:  # Over the frames so far, after typical ones.
        typical = np.array(settings["prior_means"])
        squares = typical**2 + np.square(settings["prior_deviations"])
        counts = prior + np.arange(1, frames + 1)[:, None]
        means = (prior * typical + values.cumsum(0)) / counts
        squares = (prior * squares + (values**2).cumsum(0)) / counts
        variances = squares - means**2
    else:
        means, variances = values.mean(0), values.var(0)
    least = settings["least_deviation"]
    deviations = np.sqrt(np.maximum(variances, least**2))
    return ((values - means) / deviations).astype(np.float32)


def main(folder, *paths):
    """Prints the transcript of each recording."""
    folder = pathlib.Path(folder)
    settings, vocabulary = networks.read_texts(folder)
    symbols = ["", *vocabulary["characters"]]  # The first one is the blank.
    recognize = networks.load(folder, "recognizer")
    for path in paths:
        samples = read(path, settings["sample_rate"])
        features = features_of(samples, settings)
        best = recognize(features=features[None])["logits"][0].argmax(1)
        changed = np.diff(best, prepend=settings["blank"]) != 0
        text = "".join(symbols[token] for token in best[changed])
        print(f"{path}\t{' '.join(text.split())}")


if __name__ == "__main__":
    main(*sys.argv[1:])
