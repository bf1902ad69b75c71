"""The weights of n-grams in a linear classifier, as features of words."""

import keras
import numpy as np
import scipy.sparse
import tensorflow as tf

from apps.sentiment.model import nb_svm

BUCKETS = 2**22  # Of the hash; the reviews of IMDB hold 4.7 M n-grams.
ORDERS = 3  # Uni-, bi- and trigrams.
MINIMUM = 3  # Reviews; rarer n-grams have weight 0.
STRENGTH = 0.1  # Inverse regularization of the classifier.
SCALE = 10.0  # Brings the weights to the scale of the word vectors.
FOLDS = 5


@keras.saving.register_keras_serializable("unroll")
class NgramEvidence(keras.layers.Layer):
    """Maps each word to the weights of the n-grams that end with it.

    The weights are those of NB-SVM on hashed uni-, bi- and trigrams; see
    `learn`. Positive weights speak for label 1.

    Call arguments:
      words: ragged string tensor (batch, words).

    Returns:
      float32 ragged tensor (batch, words, 3).

    Reference: Wang & Manning, Baselines and Bigrams, ACL 2012.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.table = self.add_weight(
            shape=(BUCKETS,),
            initializer="zeros",
            dtype="float16",
            trainable=False,
            name="table",
        )

    def call(self, words):
        weights = tf.gather(self.table, _hashes(words))
        return words.with_flat_values(tf.cast(weights, tf.float32))


def total(evidence, mask):  # -> (batch, ORDERS)
    """Returns the log-odds of texts in NB-SVM, by the length of the n-grams.

    Args:
      evidence: (batch, words, ORDERS), as `NgramEvidence` returns it.
      mask: bool (batch, words).
    """
    counted = tf.where(mask[..., None], evidence, 0.0)
    return tf.reduce_sum(counted, 1) / SCALE


def _hashes(words):  # ragged (batch, words) -> (all words, ORDERS)
    """Returns the buckets of the n-grams that end at each word."""
    ngram = words.flat_values
    place = tf.ragged.range(words.row_lengths()).flat_values
    columns = []
    for order in range(ORDERS):
        if order:
            earlier = tf.roll(words.flat_values, order, axis=0)
            earlier = tf.where(place >= order, earlier, "")
            ngram = tf.strings.join([earlier, ngram], " ")
        columns.append(tf.strings.to_hash_bucket_fast(ngram, BUCKETS))
    return tf.stack(columns, axis=-1)


def learn(train: tf.data.Dataset, tokenize):
    """Fits the weights for new reviews and, cross-fitted, for the training set.

    A classifier has seen the labels of the reviews that it was fitted to: a
    network that reads its weights in training would trust them too much.
    Hence the training reviews, class by class in their order, are cut into
    `FOLDS` blocks, and each block is looked up in the weights fitted to the
    other blocks (cross-fitting). Neighbors in IMDB are reviews of the same
    film: within one block, the names in them are no evidence for one another.

    Args:
      train: Pairs ({"text": string}, {"label": 0 or 1}).
      tokenize: A `WordTokenizer`.

    Returns:
      The table of an `NgramEvidence`, float16 (BUCKETS,), and a function that
      maps texts (batch,) and their ragged words to the output of the layer,
      cross-fitted where a text is a training review.

    Reference: stacking: Wolpert, Neural Networks 5, 1992.
    """
    keys, labels, ngrams = [], [], []
    for x, y in train.batch(512).prefetch(2):
        words = tokenize.words(x["text"])
        ends = words.row_splits.numpy()[1:-1]
        ngrams += map(np.unique, np.split(_hashes(words).numpy(), ends))
        keys.append(_key(x["text"]).numpy())
        labels.append(y["label"].numpy() > 0.5)
    labels = np.concatenate(labels).astype(int)
    # A text that occurs twice belongs to the fold of the first one.
    keys, first, same = np.unique(
        np.concatenate(keys), return_index=True, return_inverse=True
    )
    fold_of_key = _folds(labels)[first]
    tables = tf.constant(_tables(ngrams, labels, fold_of_key[same]))
    fold_of = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(keys, fold_of_key), FOLDS
    )

    def cross_fitted(text, words):
        fold = tf.gather(fold_of.lookup(_key(text)), words.value_rowids())
        hashes = _hashes(words)
        fold = tf.broadcast_to(fold[:, None], tf.shape(hashes))
        weights = tf.gather_nd(tables, tf.stack([fold, hashes], axis=-1))
        return words.with_flat_values(tf.cast(weights, tf.float32))

    return tables[FOLDS], cross_fitted


def _key(text):
    return tf.strings.to_hash_bucket_fast(text, 2**62)


def _folds(labels):  # (reviews,) -> (reviews,)
    """Cuts each class into `FOLDS` blocks of neighbors."""
    folds = np.zeros(len(labels), np.int64)
    for label in (0, 1):
        (places,) = np.nonzero(labels == label)
        folds[places] = np.arange(len(places)) * FOLDS // max(len(places), 1)
    return folds


def _tables(ngrams, labels, folds):  # -> (FOLDS + 1, BUCKETS)
    """Returns the weights fitted without each fold, then from all folds."""
    lengths = [len(held) for held in ngrams]
    counts = scipy.sparse.csr_matrix(
        (
            np.ones(sum(lengths), np.float32),
            np.concatenate(ngrams),
            np.concatenate([[0], np.cumsum(lengths)]),
        ),
        shape=(len(ngrams), BUCKETS),
    )
    tables = np.zeros((FOLDS + 1, BUCKETS), np.float16)
    for fold in range(FOLDS + 1):
        rows = folds != fold
        held = counts[rows].sum(axis=0).A1
        (kept,) = np.nonzero(held >= MINIMUM)
        weights, _ = nb_svm.fit(counts[rows][:, kept], labels[rows], STRENGTH)
        tables[fold, kept] = SCALE * weights
    return tables
