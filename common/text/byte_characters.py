"""Tokenizer of characters, with bytes as a fallback."""

import keras
import tensorflow as tf

from common.text import byte_tokenizer
from common.text import byte_words


@keras.saving.register_keras_serializable("unroll")
class Characters(byte_words.Words):
    """Single characters if they are in the vocabulary, otherwise their bytes.

    Args:
      vocabulary: See `byte_words.Words`.
    """

    @classmethod
    def split(cls, text: tf.Tensor) -> tf.RaggedTensor:
        return tf.strings.unicode_split(byte_tokenizer.spaced(text), "UTF-8")
