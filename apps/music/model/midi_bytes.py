"""Placeholder until the branch midi is merged."""
import tensorflow as tf
def midi_file(pieces, tempo, frames_per_beat):
    return tf.fill([tf.shape(pieces)[0]], "")
