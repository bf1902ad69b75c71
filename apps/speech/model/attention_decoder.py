"""Attention: one character after the other, from what is attended to."""

import keras
import tensorflow as tf

from apps.speech.model import decoder
from apps.speech.model import encoder
from apps.speech.model import words
from common import app_model
from common import layers
from common.app_model import NamedRows
from common.generation import beam_search
from common.generation import losses

# Neighboring states that a place of the memory joins: places are fewer than
# characters are long, and alignments are learned sooner.
JOINED = 4
PLACE_SECONDS = JOINED * encoder.STEP_SECONDS
EMBEDDING_SIZE = 32
# Of a transcript, at most; about a minute of speech. The beam search keeps the
# probabilities of all characters at each of them.
MAX_CHARACTERS = 1000
# Of the loss: attention far from the diagonal, and which distance is far, as a
# share of the recording. Without it, attention finds no order for long.
GUIDE, FAR = 1.0, 0.2
NO_SCORE = -1e30  # Of alternatives that do not exist.


class Speller(decoder.Decoder):
    """Predicts each character from those before it and the recording.

    The tokens are padding, the characters, and one that precedes and follows
    each transcript. The first layer of a `layers.TokenDecoder` attends to the
    memory, and also reads what it attended to last.

    Args:
      arguments: `Arguments`.

    Call arguments:
      tokens: int32 (batch, characters), the token before each one to predict.
      See `Decoder` for the others.

    Returns:
      Logits (batch, characters, 2 + characters of the model), alignments
      (batch, characters, places), and numbers of places (batch,).

    Reference: Chan et al., Listen, Attend and Spell, 2016.
    """

    has_streams = False
    quantity, place_seconds = "attention", PLACE_SECONDS

    def __init__(self, arguments, **kwargs):
        super().__init__(arguments, **kwargs)
        self.edge = 1 + len(arguments.characters)  # Start and end token.
        # Also narrows the memory, of which each hypothesis has a copy.
        self.join = keras.layers.Dense(arguments.units)
        self.speller = layers.TokenDecoder(
            2 + len(arguments.characters),
            EMBEDDING_SIZE,
            arguments.cell,
            arguments.units,
            depth=1,
            residual=False,
            attention=arguments.attention,
            input_feeding=True,
            tied=False,
            dropout=arguments.dropout,
        )

    def build(self, states_shape):
        *_, size = states_shape
        self.join.build((None, None, JOINED * size))
        self.speller.build((None, None), (None, None, self.arguments.units))

    def call(self, states, steps, tokens, training=False):
        memory, mask = self._memory(states, steps)
        first = self._initial_state(tf.shape(states)[0])
        logits, alignments = self.speller(
            tokens, memory, mask, first, training=training
        )
        return logits, alignments, tf.math.count_nonzero(mask, 1)

    def decoding_options(self, config):
        return config.beam_width

    def preprocess(self, ids):
        edge = tf.fill([ids.nrows(), 1], self.edge)
        tokens = tf.concat([edge, ids, edge], 1)
        # A transcript that is cut off has no end, which it must not learn.
        tokens = tokens[:, : MAX_CHARACTERS + 1]
        return {"tokens": tokens[:, :-1]}, tokens[:, 1:]

    def loss(self, targets, outputs):
        logits, alignments, places = outputs
        smoothing = self.arguments.label_smoothing
        nats = losses.token_crossentropy(targets, logits, smoothing)
        return nats + GUIDE * off_diagonal(alignments, targets > 0, places)

    def answers(self, states, steps):
        decoded = self.search(states, steps)
        texts = self._texts(decoded.tokens)
        is_text = decoded.score > NO_SCORE
        texts = tf.where(is_text, texts, "")
        return {
            "transcript": texts[:, 0],
            "alternatives": texts,
            "alternative_scores": tf.where(is_text, decoded.score, NO_SCORE),
            **self._words(decoded, texts[:, 0], steps)._asdict(),
        }

    def curves(self, states, steps):
        decoded = self.search(states, steps)
        tokens = decoded.tokens[:, 0]
        start = tf.fill([tf.shape(tokens)[0], 1], self.edge)
        memory, mask = self._memory(states, steps)
        _, alignments = self.speller(
            tf.concat([start, tokens], 1)[:, :-1],
            memory,
            mask,
            self._initial_state(tf.shape(tokens)[0]),
        )
        count = decoded.lengths[0, 0]
        curves = alignments[0, :count]
        characters = tf.gather(self._symbols(), tokens[0, :count])
        return characters, curves, tf.reduce_max(curves, 1)

    def named_rows(self):
        names = [0, *self.arguments.characters, 1]
        return NamedRows(names, app_model.embedding_rows(self.speller.embed))

    def search(self, states, steps):
        """Returns the `decoding.Decoded` transcripts.

        The trace holds the probabilities of tokens, (batch, width, characters,
        tokens), and the places with most attention, (batch, width, characters).
        """
        width = self.use_options()
        memory, mask = self._memory(states, steps)
        keys = self.speller.keys(memory)
        memory, mask, keys = (
            tf.repeat(value, width, 0) for value in (memory, mask, keys)
        )
        batch = tf.shape(states)[0]

        def step(tokens, state):
            logits, state, alignments = self.speller.step(
                tokens, state, memory, mask, keys
            )
            # Padding is no character.
            padding = tf.fill([tf.shape(logits)[0], 1], logits.dtype.min)
            logits = tf.concat([padding, logits[:, 1:]], 1)
            place = tf.argmax(alignments, 1, tf.int32)
            return logits, state, (tf.nn.softmax(logits), place)

        return beam_search.beam_search(
            step,
            self._initial_state(batch),
            tf.fill([batch], self.edge),
            self.edge,
            tf.minimum(steps, MAX_CHARACTERS),
            width,
        )

    def _words(self, decoded, transcripts, steps):
        """Returns the `words.Words` of the first of each transcript."""
        tokens = decoded.tokens[:, 0]
        probabilities, places = (values[:, 0] for values in decoded.trace)
        return words.at_places(
            places,
            tf.gather(probabilities, tokens, batch_dims=2),
            steps,
            tf.RaggedTensor.from_tensor(tokens, decoded.lengths[:, 0]),
            transcripts,
            1 + self.arguments.characters.index(words.SEPARATOR),
            PLACE_SECONDS,
            encoder.STEP_SECONDS,
        )

    def _memory(self, states, steps):
        """Returns the memory (batch, places, units), and its mask."""
        places, mask = joined(states, steps)
        return self.join(places), mask

    def _initial_state(self, batch):
        zeros = [tf.zeros([batch, n]) for n in self.speller.state_sizes]
        return self.speller.get_initial_state(batch, zeros)

    def _symbols(self):
        return tf.constant(["", *self.arguments.characters, ""])

    def _texts(self, tokens):
        """Returns the texts (batch, width) of tokens (batch, width, steps)."""
        symbols = tf.gather(self._symbols(), tokens)
        return decoder.cleaned(tf.strings.reduce_join(symbols, -1))


def off_diagonal(alignments, is_token, places):
    r"""Returns the mean attention that is far from the diagonal, from 0 to 1.

    $w = 1 - \exp(-(i / I - j / J)^2 / 2 g^2)$ for token i of I, place j of J.

    Args:
      alignments: float (batch, characters, places).
      is_token: bool (batch, characters).
      places: int (batch,), number of places of each recording.

    Reference: Tachibana et al., Efficiently Trainable Text-to-Speech System
    Based on Deep Convolutional Networks with Guided Attention, 2018.
    """
    rows, columns = tf.unstack(tf.shape(alignments))[1:]
    counts = tf.math.count_nonzero(is_token, 1, dtype=tf.float32)
    token = _shares(rows, counts)[:, :, None]
    place = _shares(columns, tf.cast(places, tf.float32))[:, None]
    weights = 1 - tf.exp(-tf.square((token - place) / FAR) / 2)
    costs = tf.reduce_sum(alignments * weights, 2)
    costs = tf.where(is_token, costs, 0)
    return tf.reduce_sum(costs) / tf.maximum(tf.reduce_sum(counts), 1)


def _shares(size, counts):
    """Returns the middles of items as shares of their numbers."""
    middles = tf.range(size, dtype=tf.float32) + 0.5
    return middles / tf.maximum(counts, 1)[:, None]


def joined(states, steps):
    """Returns neighboring states as one, and which places exist.

    Args:
      states: float (batch, steps, size / JOINED).
      steps: int32 (batch,), number of steps of each recording.

    Returns:
      float (batch, places, size), and bool (batch, places).
    """
    count = tf.shape(states)[1]
    is_step = tf.sequence_mask(steps, count)
    states = tf.where(is_step[..., None], states, 0)
    states = tf.pad(states, [[0, 0], [0, -count % JOINED], [0, 0]])
    batch, count, _ = tf.unstack(tf.shape(states))
    size = JOINED * states.shape[-1]
    places = tf.reshape(states, [batch, count // JOINED, size])
    return places, tf.sequence_mask(-(-steps // JOINED), count // JOINED)
