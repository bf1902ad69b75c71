"""Story and question -> words -> a network -> an answer, and its support."""

import keras
import tensorflow as tf

from apps.qa.entity_network import EntityNetwork
from apps.qa.lstm_network import LSTMNetwork
from apps.qa.memory_network import MemoryNetwork
from common.app_model import AppModel
from common.text import word_tokenizer

NETWORKS = {
    "lstm": LSTMNetwork,
    "memory_network": MemoryNetwork,
    "entity_network": EntityNetwork,
}
# What each network takes of the options.
OPTIONS = {
    "lstm": ("embedding_size", "cell", "units", "depth", "dropout"),
    "memory_network": ("max_sentences", "units", "hops", "dropout"),
    "entity_network": ("units", "slots", "dropout"),
}
TEXTS = [
    tf.TensorSpec([None], tf.string, "story"),
    tf.TensorSpec([None], tf.string, "question"),
]
ENDS = r"[.!?]"  # Of sentences; no words.


@keras.saving.register_keras_serializable("unroll")
class Answerer(AppModel, keras.Model):
    """Answers a question on a story.

    Args:
      vocabulary: list of words.
      answers: list of answers.
      max_words: int; words read of a sentence, and of a question.
      max_sentences: int; sentences read of a story: its last ones.
      model: a key of `NETWORKS`.
      options: dict; what the network takes besides.
    """

    buckets = (4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 256)

    def __init__(
        self,
        vocabulary,
        answers,
        max_words,
        max_sentences,
        model,
        options,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.arguments = {
            "vocabulary": vocabulary,
            "answers": answers,
            "max_words": max_words,
            "max_sentences": max_sentences,
            "model": model,
            "options": options,
        }
        self.max_words, self.max_sentences = max_words, max_sentences
        self.tokenize = word_tokenizer.WordTokenizer(vocabulary)
        # The first is any answer that training did not know.
        self.known = keras.layers.StringLookup(vocabulary=answers)
        self.network = NETWORKS[model](
            self.tokenize.vocabulary_size(), len(answers) + 1, **options
        )

    def build(self, input_shape):
        self.network.build((None, None, None), (None, None))

    def call(self, inputs, training=False):
        """Returns the log-odds of the answers, (batch, answers).

        Args:
          inputs: a dict of the tokens of "story" (batch, sentences, words)
            and "question" (batch, words), 0 for padding.
          training: whether to apply dropout, and noise.
        """
        return self.network(
            inputs["story"], inputs["question"], training=training
        )

    def preprocess(self, x, y):
        story = self.tokens(self.sentences(x["story"]))
        question = self.words(x["question"])
        return {"story": story, "question": question}, self.known(y[:, 0])

    def sentences(self, story):  # (batch,) -> ragged (batch, sentences)
        """Returns the sentences that are read of stories.

        They end with a line, or with a full stop, a question mark or an
        exclamation mark before a space.
        """
        story = tf.strings.unicode_transcode(story, "UTF-8", "UTF-8")
        story = tf.strings.regex_replace(story, r"([.!?])\s+", "\\1\n")
        found = tf.strings.split(story, "\n")
        found = found.with_values(tf.strings.strip(found.values))
        found = tf.ragged.boolean_mask(found, found != "")
        return found[:, -self.max_sentences :]

    def tokens(self, sentences):  # -> ragged (batch, sentences, words)
        """Returns the words of sentences."""
        return sentences.with_values(self.words(sentences.values))

    def words(self, texts):  # (texts,) -> (texts, words), 0 for padding
        """Returns the words of sentences, without what ends them."""
        texts = tf.strings.regex_replace(texts, ENDS, " ")
        words = self.tokenize(texts)[:, : self.max_words]
        return words.to_tensor(shape=[None, self.max_words])

    @tf.function(input_signature=TEXTS)
    def serve(self, story, question):
        """Returns an answer, its probability, and the sentences it rests on.

        Those that were read at least half as strongly as the one that was
        read most, by lines.
        """
        found = self._explained(story, question)
        return {n: found[n] for n in ("answer", "probability", "support")}

    @tf.function(input_signature=TEXTS)
    def explain(self, story, question):
        """Returns as `serve`, and how strongly each sentence was read.

        sentences: strings (batch, sentences), "" for padding; maps: float
        (batch, rows, sentences), a row for each hop or slot; ranking and odds:
        all answers and their probabilities, the most probable first.
        """
        return self._explained(story, question)

    def signatures(self):
        return {"explain": self.explain}

    def _explained(self, story, question):
        sentences = self.sentences(story)
        tokens = self.tokens(sentences).to_tensor(
            shape=[None, None, self.max_words]
        )
        sentences = sentences.to_tensor()
        # At least one, since a batch of empty stories has none.
        missing = tf.maximum(0, 1 - tf.shape(tokens)[1])
        tokens = tf.pad(tokens, [[0, 0], [0, missing], [0, 0]])
        sentences = tf.pad(sentences, [[0, 0], [0, missing]])
        logits, reads, maps = self.network.explain(tokens, self.words(question))
        # Not the first: it is no answer that could be given.
        odds = tf.nn.softmax(logits[:, 1:])
        order = tf.argsort(odds, direction="DESCENDING", stable=True)
        names = tf.constant(self.arguments["answers"])
        ranking = tf.gather(names, order)
        odds = tf.gather(odds, order, batch_dims=1)
        most = tf.reduce_max(reads, 1, keepdims=True)
        resting = (reads >= most / 2) & (sentences != "")
        support = tf.ragged.boolean_mask(sentences, resting)
        return {
            "answer": ranking[:, 0],
            "probability": odds[:, 0],
            "support": tf.strings.reduce_join(support, -1, separator="\n"),
            "sentences": sentences,
            "maps": maps,
            "ranking": ranking,
            "odds": odds,
        }

    def get_config(self):
        return {**super().get_config(), **self.arguments}

    @classmethod
    def create(cls, config, train):
        sentences, answers = _told(train)
        vocabulary = word_tokenizer.learn_vocabulary(sentences, 0)
        lengths = sentences.batch(1024).map(
            lambda lines: tf.reduce_max(
                word_tokenizer.split_words(lines).row_lengths()
            )
        )
        options = {n: getattr(config, n) for n in OPTIONS[config.model]}
        epoch = -(-int(train.cardinality()) // config.batch_size)
        max_words = int(lengths.reduce(tf.int64.min, tf.maximum))
        if config.model == "memory_network":
            options["linear_steps"] = epoch * config.linear_epochs
        elif config.model == "entity_network":
            options["max_words"] = max_words
        model = cls(
            vocabulary,
            answers,
            max_words,
            config.max_sentences,
            config.model,
            options,
        )
        model.compile(
            optimizer=keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(
                    config.learning_rate, epoch * config.epochs
                )
            ),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        )
        return model


def _told(examples):
    """Returns all that stories and questions say, once, and the answers."""
    sentences, answers = set(), set()
    for x, y in examples.batch(1024).as_numpy_iterator():
        for story in x["story"]:
            sentences.update(story.split(b"\n"))
        sentences.update(x["question"])
        answers.update(y[:, 0])
    # In an order that is always the same.
    lines = tf.data.Dataset.from_tensor_slices(sorted(sentences))
    lines = lines.map(lambda line: tf.strings.regex_replace(line, ENDS, " "))
    return lines, sorted(answer.decode() for answer in answers)
