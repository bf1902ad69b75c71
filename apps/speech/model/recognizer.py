"""Recording -> features -> states -> characters -> transcript."""

import dataclasses

import keras
import tensorflow as tf

from apps.speech.model import attention_decoder
from apps.speech.model import augmentation
from apps.speech.model import ctc_decoder
from apps.speech.model import encoder as encoder_lib
from apps.speech.model import features as features_lib
from apps.speech.model import portable
from apps.speech.model import serving
from apps.speech.model.arguments import Arguments
from common import app_model
from common.app_model import VocabularyModel
from common.audio import decode
from common.data import batching
from common.errors import UserError
from common.training import optimizers

DECODED_TOGETHER = 16  # Recordings, padded to the longest one.
# Length-bucket boundaries in seconds: half of the shortest ones, which have
# little padding anyway, share a bucket.
BOUNDARIES = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)

DECODERS = {
    "ctc": ctc_decoder.CTCDecoder,
    "attention": attention_decoder.Speller,
}


@keras.saving.register_keras_serializable("unroll")
class Recognizer(VocabularyModel, keras.Model):
    """Predicts the characters of recordings.

    Args:
      arguments: `Arguments`.

    Attributes:
      decoder: See `decoder.Decoder`.
      serving: The functions that answer.

    Reference: Amodei et al., Deep Speech 2, 2016.
    """

    def __init__(self, arguments, **kwargs):
        super().__init__(**kwargs)
        self.arguments = arguments
        self.features = features_lib.Features(arguments)
        self.augmentation = augmentation.Augmentation(arguments)
        # Tracked: a run resumes with their state.
        self.seeds = self.augmentation.seeds
        self.encoder = encoder_lib.Encoder(arguments)
        self.decoder = DECODERS[arguments.decoder](arguments)
        self.serving = serving.Serving(self)

    def build(self, input_shape):
        self.encoder.build((None, None, self.arguments.mels))
        self.decoder.build((None, None, self.encoder.size))

    def call(self, inputs, training=False):
        """Returns the outputs of the decoder, which `compute_loss` takes.

        Args:
          inputs: A dict of "samples" (batch, time), from -1 to 1, "counts"
            (batch,), the samples of each recording, and the inputs of the
            decoder.
          training: Whether to augment the recordings, and to apply dropout.
        """
        inputs = dict(inputs)
        states, steps = self.encode(
            inputs.pop("samples"), inputs.pop("counts"), training
        )
        return self.decoder(states, steps, **inputs, training=training)

    def encode(self, samples, counts, training=False):
        """Returns states (batch, steps, size), and numbers of steps."""
        if training:
            samples, counts = self.augmentation.change_samples(samples, counts)
        features, counts = self.features.whole(samples, counts)
        if training:
            features = self.augmentation.change_features(features, counts)
        states = self.encoder(features, counts, training=training)
        return states, encoder_lib.steps(counts)

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        return self.decoder.loss(y, y_pred)

    def preprocess(self, x, y):
        recordings = decode.read(x["audio"], self.arguments.sample_rate)
        samples = tf.RaggedTensor.from_tensor(
            recordings.samples, recordings.counts
        )
        ids = self.decoder.character_ids(y["transcript"])
        inputs, targets = self.decoder.preprocess(ids)
        inputs = {"samples": samples, "counts": recordings.counts, **inputs}
        return inputs, targets

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
        self.decoder.configure(config)
        return self

    @property
    def serve(self):
        """See `serving.Serving.serve`."""
        return self.serving.serve

    def signatures(self):
        return self.serving.signatures()

    def networks(self):
        return portable.networks_of(self)

    def named_rows(self):
        return {"characters": self.decoder.named_rows()}

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
        prior = ()
        if not config.bidirectional:
            prior = features_lib.prior(train, config.sample_rate, config.mels)
        model = cls(
            app_model.arguments_from(
                Arguments, config, characters=characters, prior=prior
            )
        )
        model.decoder.learn(transcripts)
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
