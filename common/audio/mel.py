"""Log-mel features of a whole recording or of a stream, with the same bits.

Frames of 25 ms start every 10 ms, with zeros before and after the recording, so
that each sample is near the middle of a frame. Of each frame: minus its mean
(an offset of the microphone), times a Hann window, the power spectrum, and its
sums over triangles that are equally wide on HTK's mel scale

    mel = 2595 log10(1 + hertz / 700),

with a height of one (unlike Slaney's, they are not normalized by their areas);
finally the logarithm.

A frame has the same bits alone, in a batch, before padding, and in a stream.
So no op may depend on the number of frames: the Fourier transform takes frame
by frame, and each sum is over an axis of constant length. A product of matrices
is not among these ops: its order of additions depends on the number of rows. So
a triangle is the sum over the bins below it. The logarithm of TensorFlow
differs in the last bit between full and partial SIMD registers. So the features
fill whole registers.

The Fourier transform is `tf.signal.rfft`, which LiteRT does not have. A product
of matrices would not have the same bits, and a sum over an axis would take much
longer. Exports for LiteRT have to begin after the features.

References: Davis & Mermelstein 1980, Comparison of Parametric Representations
for Monosyllabic Word Recognition; Young et al. 2006, The HTK Book.
"""

import numpy as np
import tensorflow as tf

WINDOW, HOP = 0.025, 0.01  # Seconds.
LOWEST = 20.0  # Hz, where the first triangle starts.
# About the power of the rounding errors of 16 bits: digital silence is not far
# from what a microphone records in a silent room.
FLOOR = 1e-8
PART = 4096  # Frames at once.
LANES = 16  # Numbers in the largest SIMD register.


class LogMel:
    """Computes log-mel features, float32 (batch, frames, mels).

    `features` takes whole recordings. `step` takes the next samples of streams
    and returns the frames that are complete, `flush` the last ones; their
    concatenation has the bits of `features`, however the stream is cut.

    Args:
      rate: Samples a second, such as 16,000 or 8,000.
      mels: Features of each frame.

    Raises:
      ValueError: There are more features than the spectrum can tell apart.
    """

    def __init__(self, rate: int, mels: int):
        self.window, self.hop = round(WINDOW * rate), round(HOP * rate)
        self.mels = mels
        # Zeros before the first sample.
        self._start = (self.window - self.hop) // 2
        self._size = 2 ** (self.window - 1).bit_length()  # Of the transform.
        phases = 2 * np.pi * np.arange(self.window) / self.window
        self._hann = (0.5 - 0.5 * np.cos(phases)).astype(np.float32)
        triangles = _triangles(rate, self._size, mels)
        self._first, self._weights = _bands(triangles)

    def features(
        self, samples: tf.Tensor, counts: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the features of recordings, and their numbers of frames.

        There is a frame for each 10 ms that have begun. Features after the end
        of a recording are zero.

        Args:
          samples: float32 (batch, time).
          counts: int32 (batch,), samples of each; further ones are padding.
        """
        time = tf.shape(samples)[1]
        is_sample = tf.sequence_mask(counts, time)
        samples = tf.where(is_sample, samples, 0)
        frames = self._frames(time)
        end = self.window + (frames - 1) * self.hop - self._start - time
        samples = tf.pad(samples, [[0, 0], [self._start, end]])
        features = self._log_mel(samples)
        counts = self._frames(counts)
        is_frame = tf.sequence_mask(counts, frames)
        return tf.where(is_frame[..., None], features, 0), counts

    def initial_state(self, batch: tf.Tensor | int) -> tf.Tensor:
        """Returns the state before the first sample of streams."""
        return tf.zeros([batch, self._start])

    def step(
        self, samples: tf.Tensor, state: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the features of complete frames, and the next state.

        Args:
          samples: float32 (batch, time), the next ones; any number, also none.
          state: float32 (batch, time), the samples that further frames need.
        """
        samples = tf.concat([state, samples], 1)
        count = tf.shape(samples)[1] - self.window
        frames = tf.maximum(count // self.hop + 1, 0)
        return self._log_mel(samples), samples[:, frames * self.hop :]

    def flush(self, state: tf.Tensor) -> tf.Tensor:
        """Returns the features of the last frames of streams.

        Args:
          state: The last state that `step` returned.
        """
        frames = self._frames(tf.shape(state)[1] - self._start)
        end = self.window + (frames - 1) * self.hop - tf.shape(state)[1]
        return self._log_mel(tf.pad(state, [[0, 0], [0, end]]))

    def _frames(self, samples):
        """Returns the number of frames of a number of samples."""
        return -(-samples // self.hop)

    def _log_mel(self, samples):  # (batch, time) -> (batch, frames, mels)
        batch, time = tf.unstack(tf.shape(samples))
        count = tf.maximum((time - self.window) // self.hop + 1, 0)
        # In parts, whose intermediate results take little memory.
        part = tf.maximum(PART // tf.maximum(batch, 1), 1)

        parts = tf.maximum(-(-count // part), 1)  # Also without frames.

        def next_part(i, energies):
            start = i * part
            frames = tf.range(start, tf.minimum(start + part, count))
            places = self.hop * frames[:, None] + tf.range(self.window)
            energy = self._energy(tf.gather(samples, places, axis=1))
            return i + 1, energies.write(i, energy)

        shape = [None, None, len(self._first)]
        _, energies = tf.while_loop(
            lambda i, _: i < parts,
            next_part,
            (
                0,
                tf.TensorArray(
                    tf.float32, parts, infer_shape=False, element_shape=shape
                ),
            ),
            parallel_iterations=1,
        )
        energy = tf.reshape(energies.concat(), [count, batch, len(self._first)])
        features = tf.math.log(tf.maximum(energy, FLOOR))
        return tf.transpose(features[..., : self.mels], [1, 0, 2])

    def _energy(self, frames):
        """Returns the sums of the triangles, (frames, batch, mels and padding).

        Args:
          frames: float32 (batch, frames, window).
        """
        frames -= tf.reduce_mean(frames, 2, keepdims=True)
        spectrum = tf.signal.rfft(frames * self._hann, [self._size])
        power = tf.square(tf.math.real(spectrum))
        power += tf.square(tf.math.imag(spectrum))
        bins = self._first[:, None] + np.arange(self._weights.shape[1])
        bands = tf.gather(power, bins, axis=2) * self._weights
        return tf.transpose(tf.reduce_sum(bands, 3), [1, 0, 2])


def centers(rate: int, mels: int) -> np.ndarray:
    """Returns the mel frequencies of the features, float64 (mels,).

    Args:
      rate: Samples a second.
      mels: Features of each frame.
    """
    return _edges(rate, mels)[1:-1]


def _edges(rate, mels):
    """Returns where the triangles begin and end, and their centers."""
    return np.linspace(_mel(LOWEST), _mel(rate / 2), mels + 2)


def _triangles(rate, size, mels):
    """Returns the weights of the bins, (mels, size // 2 + 1)."""
    hertz = np.arange(size // 2 + 1) * rate / size
    edges = _edges(rate, mels)
    lower, center, upper = edges[:-2], edges[1:-1], edges[2:]
    rise = (_mel(hertz) - lower[:, None]) / (center - lower)[:, None]
    fall = (upper[:, None] - _mel(hertz)) / (upper - center)[:, None]
    weights = np.maximum(np.minimum(rise, fall), 0)
    if (weights.max(1) == 0).any():
        raise ValueError(
            f"mels={mels} is too many at {rate:,} Hz: a triangle would have no "
            "bin of the spectrum. Choose fewer."
        )
    return weights


def _mel(hertz):
    return 2595 * np.log10(1 + hertz / 700)


def _bands(triangles):
    """Returns the first bin of each triangle, and its weights from there on.

    Triangles are as wide as the widest one, by zeros, and enough to fill whole
    registers.
    """
    mels, bins = triangles.shape
    width = (triangles > 0).sum(1).max()
    first = np.minimum((triangles > 0).argmax(1), bins - width)
    weights = [row[f : f + width] for row, f in zip(triangles, first)]
    padding = -mels % LANES
    first = np.pad(first, (0, padding)).astype(np.int32)
    weights = np.pad(np.array(weights, np.float32), ((0, padding), (0, 0)))
    return first, weights
