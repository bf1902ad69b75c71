"""Story and question -> words -> a network -> an answer and its support."""

import dataclasses

import keras
import tensorflow as tf

from apps.qa.model import portable
from apps.qa.model.entity_network import EntityNetwork
from apps.qa.model.lstm_network import LSTMNetwork
from apps.qa.model.memory_network import MemoryNetwork
from common import app_model
from common.app_model import NamedRows
from common.app_model import VocabularyModel
from common.data import batching
from common.text import word_tokenizer
from common.training import optimizers

NETWORKS = {
    "lstm": LSTMNetwork,
    "memory_network": MemoryNetwork,
    "entity_network": EntityNetwork,
}
TEXTS = [
    tf.TensorSpec([None], tf.string, "story"),
    tf.TensorSpec([None], tf.string, "question"),
]
END_MARKS = r"[.!?]"  # They end a sentence, and are not words.
# Length-bucket boundaries, in sentences.
BOUNDARIES = (4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 96, 128, 256)


@dataclasses.dataclass(frozen=True)
class Arguments:
    """The arguments of an `Answerer`.

    Attributes:
      vocabulary: Words, the most frequent first.
      answers: All possible answers.
      max_words: Words read of a sentence, and of a question.
      max_sentences: Sentences read of a story; of a longer one, the last.
      model: A key of `NETWORKS`.
      options: Further arguments of the network.
    """

    vocabulary: list[str]
    answers: list[str]
    max_words: int
    max_sentences: int
    model: str
    options: dict


@keras.saving.register_keras_serializable("unroll")
class Answerer(VocabularyModel, keras.Model):
    """Answers a question about a story.

    Args:
      arguments: `Arguments`.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.tokenize = word_tokenizer.WordTokenizer(arguments.vocabulary)
        # Index 0 stands for all answers that are not in the training data.
        self.known = keras.layers.StringLookup(vocabulary=arguments.answers)
        self.network = NETWORKS[arguments.model](
            self.tokenize.vocabulary_size(),
            len(arguments.answers) + 1,
            **arguments.options,
        )

    def build(self, input_shape):
        self.network.build((None, None, None), (None, None))

    def call(self, inputs, training=False):
        """Returns the logits of the answers, (batch, answers).

        Args:
          inputs: A dict of the tokens of "story" (batch, sentences, words)
            and "question" (batch, words), 0 for padding.
          training: Whether to apply dropout and noise.
        """
        return self.network(
            inputs["story"], inputs["question"], training=training
        )

    def preprocess(self, x, y):
        story = self.tokens(self.sentences(x["story"]))
        inputs = {"story": story, "question": self.words(x["question"])}
        return inputs, self.known(y["answer"])

    def batches(self, examples, batch_size):
        return batching.by_length(
            examples, self.preprocess, batch_size, BOUNDARIES
        )

    def sentences(self, story):  # (batch,) -> ragged (batch, sentences)
        """Returns the sentences that are read of each story.

        A sentence ends at the end of a line, or with a full stop, a question
        mark or an exclamation mark before a space.
        """
        story = tf.strings.unicode_transcode(story, "UTF-8", "UTF-8")
        story = tf.strings.regex_replace(story, r"([.!?])\s+", "\\1\n")
        lines = tf.strings.split(story, "\n")
        lines = lines.with_values(tf.strings.strip(lines.values))
        sentences = tf.ragged.boolean_mask(lines, lines != "")
        return sentences[:, -self.arguments.max_sentences :]

    def tokens(self, sentences):  # -> ragged (batch, sentences, words)
        """Returns the tokens of ragged sentences."""
        return sentences.with_values(self.words(sentences.values))

    def words(self, texts):  # (texts,) -> (texts, words), 0 for padding
        """Returns the tokens of sentences, without their end marks."""
        texts = tf.strings.regex_replace(texts, END_MARKS, " ")
        max_words = self.arguments.max_words
        words = self.tokenize(texts)[:, :max_words]
        return words.to_tensor(shape=[None, max_words])

    @tf.function(input_signature=TEXTS, autograph=False)
    def serve(self, story, question):
        """Returns an answer, its probability, and the supporting sentences.

        These are the sentences that were read at least half as strongly as
        the most strongly read one, joined by line breaks.
        """
        outputs = self.explain(story, question)  # Traced once for both.
        return {n: outputs[n] for n in ("answer", "probability", "support")}

    @tf.function(input_signature=TEXTS, autograph=False)
    def explain(self, story, question):
        """Returns the outputs of `serve`, all answers, and what was read.

        sentences: strings (batch, sentences), "" for padding. maps: float
        (batch, rows, sentences), a row for each hop or memory slot. ranking
        and odds: all answers and their probabilities, in descending order.
        """
        sentences = self.sentences(story)
        tokens = self.tokens(sentences).to_tensor(
            shape=[None, None, self.arguments.max_words]
        )
        sentences = sentences.to_tensor()
        # At least one sentence; a batch of empty stories has none.
        missing = tf.maximum(0, 1 - tf.shape(tokens)[1])
        tokens = tf.pad(tokens, [[0, 0], [0, missing], [0, 0]])
        sentences = tf.pad(sentences, [[0, 0], [0, missing]])
        logits, reads, maps = self.network.explain(tokens, self.words(question))
        # Index 0 is not an answer that could be given.
        odds = tf.nn.softmax(logits[:, 1:])
        order = tf.argsort(odds, direction="DESCENDING", stable=True)
        ranking = tf.gather(tf.constant(self.arguments.answers), order)
        odds = tf.gather(odds, order, batch_dims=1)
        strongest = tf.reduce_max(reads, 1, keepdims=True)
        is_support = (reads >= strongest / 2) & (sentences != "")
        support = tf.ragged.boolean_mask(sentences, is_support)
        return {
            "answer": ranking[:, 0],
            "probability": odds[:, 0],
            "support": tf.strings.reduce_join(support, -1, separator="\n"),
            "sentences": sentences,
            "maps": maps,
            "ranking": ranking,
            "odds": odds,
        }

    def signatures(self):
        return {"explain": self.explain}

    def networks(self):
        return portable.networks_of(self)

    def named_rows(self):
        return {
            "words": NamedRows(
                self.tokenize.row_names(), [(self.network.embed.embeddings, 0)]
            ),
            "answers": NamedRows(
                [0, *self.arguments.answers],
                app_model.dense_columns(self.network.answer),
            ),
        }

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        texts, answers = _texts_and_answers(train)
        max_words = _longest(texts)
        network = NETWORKS[config.model]
        # A network that was trained before needs no linear start.
        steps_of_start = 0 if start else steps_per_epoch
        model = cls(
            app_model.arguments_from(
                Arguments,
                config,
                vocabulary=word_tokenizer.learn_vocabulary(
                    texts, 0, start.arguments.vocabulary if start else ()
                ),
                answers=answers,
                max_words=max_words,
                options=network.options(config, max_words, steps_of_start),
            )
        )
        model.compile(
            optimizer=optimizers.cosine_adam(
                config.learning_rate, steps_per_epoch * config.epochs
            ),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        )
        return model


def _texts_and_answers(examples):
    """Returns the distinct sentences and questions, and the answers."""
    sentences, answers = set(), set()
    for x, y in examples.batch(1024).as_numpy_iterator():
        for story in x["story"]:
            sentences.update(story.split(b"\n"))
        sentences.update(x["question"])
        answers.update(y["answer"])
    # Sorted, because the order of a set differs from process to process.
    texts = tf.data.Dataset.from_tensor_slices(sorted(sentences))
    texts = texts.map(
        lambda text: tf.strings.regex_replace(text, END_MARKS, " ")
    )
    return texts, sorted(answer.decode() for answer in answers)


def _longest(texts):
    """Returns the number of words of the longest text."""
    lengths = texts.batch(1024).map(
        lambda batch: tf.reduce_max(
            word_tokenizer.split_words(batch).row_lengths()
        )
    )
    return int(lengths.reduce(tf.int64.min, tf.maximum))
