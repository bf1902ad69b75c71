"""Tokenizers that lose nothing, as Keras layers with TensorFlow ops only.

Every byte is a token, and frequent sequences of bytes are tokens besides: no
text is unknown, and to join the tokens gives the text back. Id 0 is padding, 1
starts a sequence, 2 ends it, 3 to 258 are the bytes, then comes what is
learned.
"""

import collections
import json

import keras
import tensorflow as tf
import tokenizers

START, END = 1, 2
_BYTES = 3  # The id of byte 0.
_FIRST = _BYTES + 256  # The id of the first token that is learned.
# Words, numbers and punctuation with the space before them.
_PIECE = r" ?[\pL\pM]+| ?\pN+| ?[^\s\pL\pM\pN]+|\s+"
_LONGEST = 48  # Bytes; merging takes a step for each of the longest piece.
_BETWEEN = b"\xff"  # In no text of UTF-8.
_NEVER = tf.int64.max


class ByteTokenizer(keras.layers.Layer):
    """What the tokenizers of this module share.

    Bytes that are not UTF-8 become the replacement character. A space before
    the text is put in, and taken off again, so that its first word is the
    token that it is elsewhere.

    Args:
      learned: list of bytes; the tokens from id 259 on.

    Call arguments:
      text: string tensor (batch,).

    Returns:
      int32 ragged tensor (batch, tokens); no marks are put in.
    """

    def __init__(self, learned, **kwargs):
        super().__init__(**kwargs)
        single = [bytes([byte]) for byte in range(256)]
        self.tokens = [b"", b"", b"", *single, *learned]

    @classmethod
    def split(cls, text):  # (batch,) -> ragged (batch, pieces)
        """Returns pieces of the texts; no token is longer than a piece."""
        text = tf.strings.regex_replace(
            _spaced(text), f"({_PIECE})", rb"\1" + _BETWEEN
        )
        pieces = tf.strings.split(text, _BETWEEN)
        return _cut(tf.ragged.boolean_mask(pieces, pieces != ""))

    def spell(self, pieces):
        """Returns ids (pieces, longest) of (pieces,), with zeros behind."""
        raise NotImplementedError

    def vocabulary_size(self) -> int:
        """Returns the number of ids."""
        return len(self.tokens)

    def call(self, text):
        pieces = self.split(text)
        # Many come more than once.
        distinct, places = tf.unique(pieces.flat_values)
        ids = tf.cast(self.spell(distinct), tf.int32)
        ids = tf.RaggedTensor.from_tensor(ids, padding=0)
        ids = pieces.with_flat_values(tf.gather(ids, places))
        return ids.merge_dims(1, 2)

    def strings(self, ids):
        """Returns the bytes of each token, "" for marks and padding."""
        return tf.gather(tf.constant(self.tokens), ids)

    def join(self, ids):  # (..., tokens) -> (...)
        """Returns the texts of ids, without marks and padding."""
        text = tf.strings.reduce_join(self.strings(ids), -1)
        return _valid(tf.strings.regex_replace(text, "^ ", ""))


def _spaced(text):
    """Returns texts of UTF-8 with a space before them, if there is one."""
    return tf.where(text == "", "", " " + _valid(text))


def _valid(text):
    return tf.strings.unicode_transcode(text, "UTF-8", "UTF-8")


def _cut(pieces):
    """Returns pieces, in parts where they are too long."""
    whole = pieces.flat_values
    counts = 1 + (tf.strings.length(whole) - 1) // _LONGEST
    parts = tf.ragged.range(counts)
    starts = _LONGEST * parts.flat_values
    sizes = tf.fill(tf.shape(starts), _LONGEST)
    cut = tf.strings.substr(tf.repeat(whole, counts), starts, sizes)
    return pieces.with_flat_values(parts.with_flat_values(cut)).merge_dims(1, 2)


def _bytes(pieces):  # (pieces,) -> (pieces, longest)
    """Returns the ids of single bytes, with zeros behind."""
    lengths = tf.strings.length(pieces)
    longest = tf.reduce_max(tf.concat([lengths, [2]], 0))
    codes = tf.io.decode_raw(pieces, tf.uint8, fixed_length=longest)
    there = tf.range(longest) < lengths[:, None]
    return tf.where(there, _BYTES + tf.cast(codes, tf.int64), 0)


@keras.saving.register_keras_serializable("unroll")
class Subwords(ByteTokenizer):
    """Byte-pair encoding: frequent neighbours are merged, the first first.

    Args:
      merges: list of pairs of ids, in the order in which they were learned.

    Reference: Sennrich, Haddow & Birch, Neural Machine Translation of Rare
    Words with Subword Units, 2016; on bytes: Radford et al., Language Models
    are Unsupervised Multitask Learners, 2019.
    """

    def __init__(self, merges, **kwargs):
        self.merges = [tuple(pair) for pair in merges]
        tokens = [bytes([byte]) for byte in range(256)]
        self.ids = {token: _BYTES + i for i, token in enumerate(tokens)}
        made = []
        for left, right in self.merges:
            token = tokens[left - _BYTES] + tokens[right - _BYTES]
            # Two pairs may make the same token.
            if token not in self.ids:
                self.ids[token] = _BYTES + len(tokens)
                tokens.append(token)
            made.append(self.ids[token])
        super().__init__(tokens[256:], **kwargs)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                # The first, of padding alone, is never merged.
                [0, *(_pair(*pair) for pair in self.merges)],
                [_NEVER, *(_pair(*found) for found in enumerate(made))],
                tf.int64,
                tf.int64,
            ),
            _NEVER,
        )

    @classmethod
    def learn(cls, counts, size):
        """Returns a tokenizer of at most `size` ids for counted pieces."""
        # Each byte as a letter of its own, which is no space.
        letters = [chr(256 + byte) for byte in range(256)]
        model = tokenizers.Tokenizer(tokenizers.models.BPE())
        model.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=size - _BYTES,
            min_frequency=2,
            initial_alphabet=letters,
            show_progress=False,
        )
        model.train_from_iterator(
            (
                " ".join(["".join(letters[b] for b in piece)] * count)
                for piece, count in sorted(counts.items())
            ),
            trainer,
        )
        merges = json.loads(model.to_str())["model"]["merges"]
        known = {letter: _BYTES + i for i, letter in enumerate(letters)}
        pairs = []
        for left, right in merges:
            pairs.append((known[left], known[right]))
            known.setdefault(left + right, _BYTES + len(known))
        return cls(pairs)

    def spell(self, pieces):
        def merge(ids, _):
            found = self.table.lookup(_pair(ids[:, :-1], ids[:, 1:]))
            first = tf.argmin(found, 1)[:, None]
            merged = tf.gather(found, first, batch_dims=1)
            place = tf.range(tf.shape(ids, tf.int64)[1])
            moved = tf.pad(ids[:, 1:], [[0, 0], [0, 1]])
            changed = tf.where(place < first, ids, moved)
            # The lower half of what was found is the token.
            token = tf.bitwise.bitwise_and(merged, 2**32 - 1)
            changed = tf.where(place == first, token, changed)
            possible = merged < _NEVER
            return tf.where(possible, changed, ids), tf.reduce_any(possible)

        ids, _ = tf.while_loop(
            lambda _, more: more,
            merge,
            (_bytes(pieces), tf.size(pieces) > 0),
        )
        return ids

    def get_config(self):
        return {**super().get_config(), "merges": self.merges}


def _pair(first, second):
    """Returns two numbers as one, ordered by the first."""
    return first * 2**32 + second


@keras.saving.register_keras_serializable("unroll")
class Words(ByteTokenizer):
    """Whole words where they are known, bytes where they are not.

    Args:
      vocabulary: list of pieces as `split` makes them; each character stands
        for the byte of its number.
    """

    def __init__(self, vocabulary, **kwargs):
        self.vocabulary = list(vocabulary)
        learned = [piece.encode("latin-1") for piece in self.vocabulary]
        super().__init__(learned, **kwargs)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(
                tf.constant([b"", *learned]),  # No piece is empty.
                [0, *range(_FIRST, self.vocabulary_size())],
                tf.string,
                tf.int64,
            ),
            0,
        )

    @classmethod
    def learn(cls, counts, size):
        """Returns a tokenizer of at most `size` ids for counted pieces."""
        ordered = sorted(counts, key=lambda piece: (-counts[piece], piece))
        frequent = [p for p in ordered if len(p) > 1 and counts[p] > 1]
        return cls([p.decode("latin-1") for p in frequent[: size - _FIRST]])

    def spell(self, pieces):
        ids = _bytes(pieces)
        known = self.table.lookup(pieces)[:, None]
        alone = tf.pad(known, [[0, 0], [0, tf.shape(ids)[1] - 1]])
        return tf.where(known > 0, alone, ids)

    def get_config(self):
        return {**super().get_config(), "vocabulary": self.vocabulary}


@keras.saving.register_keras_serializable("unroll")
class Characters(Words):
    """Single characters where they are known, bytes where they are not.

    Args:
      vocabulary: as of `Words`.
    """

    @classmethod
    def split(cls, text):
        return tf.strings.unicode_split(_spaced(text), "UTF-8")


KINDS = {"subwords": Subwords, "words": Words, "characters": Characters}


def learn(kind: str, texts: tf.data.Dataset, size: int) -> ByteTokenizer:
    """Returns a tokenizer that has learned from texts.

    Args:
      kind: a key of `KINDS`.
      texts: data set of string scalars.
      size: the most ids that it may have.
    """
    counts = collections.Counter()
    for pieces in texts.batch(1024).map(KINDS[kind].split):
        counts.update(pieces.flat_values.numpy())
    return KINDS[kind].learn(counts, size)
