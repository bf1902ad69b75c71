"""Changes to training recordings that leave their transcripts true."""

import math

import keras
import numpy as np
import tensorflow as tf

from common.audio import mel

# Signal-to-noise ratio of added noise, in dB.
MIN_RATIO, MAX_RATIO = 5.0, 35.0
MASKS = 2  # Of frequencies, and of time.
MASKED_TIME = 0.1  # Largest share of the frames that a mask of time hides.
MAX_MASKED_FRAMES = 15


class Augmentation:
    """Speed, pitch, loudness, noise and masks, drawn for each recording.

    Args:
      arguments: `Arguments`; `speed` and `pitch` are the largest shares by
        which they change, `gain` decibels, `noise` the share of recordings
        that are noisier, `mask_share` the share of the features that a mask
        hides.

    Reference: Ko et al., Audio Augmentation for Speech Recognition, 2015
    (speed); Jaitly & Hinton, Vocal Tract Length Perturbation, 2013 (pitch);
    Park et al., SpecAugment, 2019 (masks).
    """

    def __init__(self, arguments):
        self._arguments = arguments
        self.seeds = keras.random.SeedGenerator()
        self._centers = mel.centers(
            arguments.sample_rate, arguments.mels
        ).astype(np.float32)

    def change_samples(self, samples, counts):
        """Returns recordings (batch, time) and their numbers of samples."""
        samples, counts = self._change_speed(samples, counts)
        samples = self._add_noise(samples, counts)
        decibels = self._uniform([tf.shape(samples)[0], 1], -1, 1)
        decibels *= self._arguments.gain
        return samples * 10 ** (decibels / 20), counts

    def change_features(self, features, counts):
        """Returns features (batch, frames, mels), normalized ones."""
        features = self._change_pitch(features)
        batch, time, mels = tf.unstack(tf.shape(features))
        widest = self._arguments.mask_share * self._arguments.mels
        hidden = self._masks(batch, mels, mels, widest)[:, None]
        widest = MASKED_TIME * tf.cast(counts, tf.float32)
        widest = tf.minimum(widest, MAX_MASKED_FRAMES)
        if self._arguments.mask_share:
            hidden |= self._masks(batch, time, counts, widest)[..., None]
        return tf.where(hidden, 0.0, features)  # Their mean.

    def _change_speed(self, samples, counts):
        batch, time = tf.unstack(tf.shape(samples))
        most = self._arguments.speed
        speed = self._uniform([batch], 1 - most, 1 + most)
        longest = tf.cast(tf.cast(time, tf.float32) / (1 - most), tf.int32)
        counts = tf.cast(tf.cast(counts, tf.float32) / speed, tf.int32)
        places = tf.range(longest, dtype=tf.float32) * speed[:, None]
        before = tf.floor(places)
        first = tf.minimum(tf.cast(before, tf.int32), time - 1)
        second = tf.minimum(first + 1, time - 1)
        lower = tf.gather(samples, first, batch_dims=1)
        upper = tf.gather(samples, second, batch_dims=1)
        changed = lower + (places - before) * (upper - lower)
        return changed[:, : tf.reduce_max(counts)], counts

    def _add_noise(self, samples, counts):
        shape = tf.shape(samples)
        total = tf.reduce_sum(tf.square(samples), 1)
        power = total / tf.cast(tf.maximum(counts, 1), tf.float32)
        ratio = self._uniform([shape[0]], MIN_RATIO, MAX_RATIO)
        loudness = tf.sqrt(power * 10 ** (-ratio / 10))
        noisy = self._uniform([shape[0]], 0, 1) < self._arguments.noise
        loudness = tf.where(noisy, loudness, 0)[:, None]
        noise = tf.random.stateless_normal(shape, self._seed())
        # Of a random color: neighbors are added or subtracted.
        color = self._uniform([shape[0], 1], -1, 1)
        noise += color * tf.roll(noise, 1, 1)
        return samples + loudness * noise / tf.sqrt(1 + color**2)

    def _change_pitch(self, features):
        """Moves the energies along the mel scale."""
        most = self._arguments.pitch
        factor = self._uniform([tf.shape(features)[0], 1], 1 - most, 1 + most)
        hertz = 10 ** (self._centers / 2595) - 1  # Times 700.
        mels = 2595 / math.log(10) * tf.math.log(1 + factor * hertz)
        # The centers are equally far apart.
        first, second, *_, last = self._centers
        places = (mels - first) / (second - first)
        places = tf.minimum(places, (last - first) / (second - first) - 1e-3)
        places = tf.maximum(places, 0)
        before = tf.floor(places)
        first = tf.cast(before, tf.int32)
        share = (places - before)[:, None]
        features = tf.transpose(features, [0, 2, 1])
        lower = tf.gather(features, first, batch_dims=1)
        upper = tf.gather(features, first + 1, batch_dims=1)
        lower, upper = (tf.transpose(v, [0, 2, 1]) for v in (lower, upper))
        return lower + share * (upper - lower)

    def _masks(self, batch, size, ends, widest):
        """Returns which places are hidden, bool (batch, size).

        Args:
          batch: Number of recordings.
          size: Number of places.
          ends: int32 () or (batch,), places that may be hidden.
          widest: float32 () or (batch,), of a mask.
        """
        hidden = tf.zeros([batch, size], tf.bool)
        places = tf.range(size, dtype=tf.float32)
        for _ in range(MASKS):
            width = self._uniform([batch], 0, 1) * widest
            room = tf.cast(ends, tf.float32) - width
            start = self._uniform([batch], 0, 1) * room
            start, end = start[:, None], (start + width)[:, None]
            hidden |= (places >= start) & (places < end)
        return hidden

    def _uniform(self, shape, low, high):
        return tf.random.stateless_uniform(shape, self._seed(), low, high)

    def _seed(self):
        return tf.cast(self.seeds.next(), tf.int32)
