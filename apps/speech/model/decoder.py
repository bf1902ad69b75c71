"""From the states of the encoder to characters: the base class of decoders."""

import keras
import tensorflow as tf

# The options of a run that change the search.
DECODING = (
    *("beam_width", "language_model", "language_weight"),
    *("word_bonus", "word_list"),
)


class Decoder(keras.layers.Layer):
    """A part of a `Recognizer`; its subclasses have these methods.

    Called in this order: `learn`, `configure`, `preprocess`, `call`, `loss`,
    then `answers`. After loading, only `configure`, `answers` and `curves`.

    Args:
      arguments: `Arguments`.

    Call arguments:
      states: float (batch, steps, size), of an `Encoder`.
      steps: int32 (batch,), number of steps of each recording.
      training: Whether to apply dropout.
      **inputs: Those that `preprocess` returns.

    Returns:
      What `loss` takes.

    Attributes:
      has_streams: Whether it can answer before the end of a recording.
      quantity: What the values of `curves` are.
      place_seconds: Seconds of a place of `curves`.
    """

    has_streams: bool
    quantity: str
    place_seconds: float

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.supports_masking = True  # By `steps`.
        # Graphs keep their options.
        self._values, self._options, self._is_used = None, None, False

    def compute_mask(self, *args, **kwargs):
        return None

    def learn(self, transcripts):
        """Learns from a list of training transcripts, besides training."""

    def configure(self, config):
        """Sets how transcripts are searched.

        Args:
          config: The options of a run.

        Raises:
          UserError: A file that they name cannot be used.
          RuntimeError: A graph was traced with other options already.
        """
        values = [getattr(config, name) for name in DECODING]
        if self._is_used:
            if values != self._values:
                raise RuntimeError(
                    "A graph was already traced with other decoding options. "
                    "Load the model again."
                )
            return
        self._values, self._options = values, self.decoding_options(config)

    def decoding_options(self, config):
        """Returns the options of the search, from those of a run."""
        raise NotImplementedError

    def use_options(self):
        """Returns the options of the search, which are fixed from now on."""
        self._is_used = True
        return self._options

    def preprocess(self, ids):
        """Returns inputs of a training step by name, and targets.

        Args:
          ids: See `character_ids`.
        """
        raise NotImplementedError

    def loss(self, targets, outputs):
        """Returns the loss of a batch, in nats.

        Args:
          targets: int32 (batch, steps), padded with 0.
          outputs: See `call`.
        """
        raise NotImplementedError

    def answers(self, states, steps):
        """Returns transcripts, alternatives and words; see `Serving.serve`."""
        raise NotImplementedError

    def curves(self, states, steps):
        """Returns the characters of a single recording over time, to draw.

        Returns:
          Characters, string (curves,), "" for none; their values, float32
          (curves, places); and from which value on a peak has a label, float32
          (curves,).
        """
        raise NotImplementedError

    def named_rows(self):
        """Returns the `NamedRows` of the characters."""
        raise NotImplementedError

    def character_ids(self, transcripts):
        """Returns ids of the characters, ragged (batch, characters).

        Unknown characters are left out.
        """
        characters = tf.strings.unicode_split(transcripts, "UTF-8")
        known = tf.constant(self.arguments.characters)
        is_known = characters.flat_values[:, None] == known
        ids = 1 + tf.argmax(tf.cast(is_known, tf.int32), 1, tf.int32)
        ids = characters.with_flat_values(ids)
        mask = characters.with_flat_values(tf.reduce_any(is_known, 1))
        return tf.ragged.boolean_mask(ids, mask)


def cleaned(texts):
    """Returns texts with one space for several, and none at either end."""
    return tf.strings.strip(tf.strings.regex_replace(texts, " +", " "))
