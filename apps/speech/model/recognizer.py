"""Recording -> features -> logits of characters -> transcript."""

import dataclasses

import keras
import tensorflow as tf

from apps.speech.model import augmentation
from apps.speech.model import encoder as encoder_lib
from apps.speech.model import features as features_lib
from apps.speech.model import scorers
from apps.speech.model import serving
from apps.speech.model.arguments import Arguments
from common import app_model
from common.app_model import NamedRows
from common.app_model import VocabularyModel
from common.audio import decode
from common.data import batching
from common.errors import UserError
from common.generation.ctc import loss as ctc_loss
from common.training import optimizers

DECODED_TOGETHER = 16  # Recordings, padded to the longest one.
# Length-bucket boundaries in seconds: half of the shortest ones, which have
# little padding anyway, share a bucket.
BOUNDARIES = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)


@keras.saving.register_keras_serializable("unroll")
class Recognizer(VocabularyModel, keras.Model):
    """Predicts the characters of recordings by CTC.

    Args:
      arguments: `Arguments`.

    Attributes:
      transcripts: What was learned from the training transcripts.
      serving: The functions that answer.

    Reference: Graves et al., Connectionist Temporal Classification, 2006;
    Amodei et al., Deep Speech 2, 2016.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.features = features_lib.Features(arguments)
        self.augmentation = augmentation.Augmentation(arguments)
        # Tracked: a run resumes with their state.
        self.seeds = self.augmentation.seeds
        self.encoder = encoder_lib.Encoder(
            1 + len(arguments.characters), arguments
        )
        self.transcripts = scorers.TrainingTranscripts(arguments.characters)
        self.serving = serving.Serving(self)

    def build(self, input_shape):
        self.encoder.build((None, None, self.arguments.mels))

    def call(self, inputs, training=False):
        """Returns logits (batch, steps, 1 + characters), and numbers of steps.

        Args:
          inputs: A dict of "samples" (batch, time), from -1 to 1, and "counts"
            (batch,), the samples of each recording.
          training: Whether to augment the recordings, and to apply dropout.
        """
        samples, counts = inputs["samples"], inputs["counts"]
        if training:
            samples, counts = self.augmentation.change_samples(samples, counts)
        features, counts = self.features.whole(samples, counts)
        if training:
            features = self.augmentation.change_features(features, counts)
        logits = self.encoder(features, counts, training=training)
        return logits, encoder_lib.steps(counts)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        losses, is_possible = ctc_loss.ctc_loss(
            y, y_pred[0], tf.math.count_nonzero(y, 1, dtype=tf.int32), y_pred[1]
        )
        count = tf.math.count_nonzero(is_possible, dtype=tf.float32)
        return tf.reduce_sum(losses) / tf.maximum(count, 1)

    def preprocess(self, x, y):
        recordings = decode.read(x["audio"], self.arguments.sample_rate)
        samples = tf.RaggedTensor.from_tensor(
            recordings.samples, recordings.counts
        )
        inputs = {"samples": samples, "counts": recordings.counts}
        return inputs, self.character_ids(y["transcript"])

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

    def batches(self, examples, batch_size):
        rate = self.arguments.sample_rate
        return batching.by_length(
            examples,
            self.preprocess,
            batch_size,
            [int(seconds * rate) for seconds in BOUNDARIES],
            DECODED_TOGETHER,
        )

    def with_decoding(self, config):
        self.serving.configure(
            config.beam_width, self.transcripts.scorers(config)
        )
        return self

    @property
    def serve(self):
        """See `serving.Serving.serve`."""
        return self.serving.serve

    def signatures(self):
        return self.serving.signatures()

    def named_rows(self):
        columns = app_model.dense_columns(self.encoder.head)
        names = ["", *self.arguments.characters]
        return {"characters": NamedRows(names, columns)}

    def get_config(self):
        return {**super().get_config(), **dataclasses.asdict(self.arguments)}

    @classmethod
    def from_config(cls, config):
        arguments, options = app_model.split_config(Arguments, config)
        return cls(arguments, **options)

    @classmethod
    def create(cls, config, train, steps_per_epoch, start=None):
        transcripts = [
            transcript.decode()
            for transcript in batching.targets(train)["transcript"]
        ]
        characters = characters_of(transcripts, config.dataset)
        if start:
            known = start.arguments.characters
            characters = known + [c for c in characters if c not in known]
        model = cls(
            app_model.arguments_from(Arguments, config, characters=characters)
        )
        model.transcripts.learn(transcripts)
        model.compile(
            optimizers.cosine_adam(
                config.learning_rate, steps_per_epoch * config.epochs
            ),
            jit_compile=False,  # The loss has no kernel for XLA.
        )
        return model


def characters_of(transcripts, source):
    """Returns the characters of transcripts, sorted.

    The space is always one of them: words of a recording are separated by it.

    Raises:
      UserError: There is none but spaces.
    """
    characters = sorted({" ", *"".join(transcripts)})
    if characters == [" "]:
        raise UserError(
            f"The transcripts of {source} are empty: check its column of "
            "transcripts."
        )
    return characters
