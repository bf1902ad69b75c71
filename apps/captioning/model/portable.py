"""The encoder and the decoder of a captioner, for other runtimes."""

import tensorflow as tf

from common.export.networks import Network
from common.export.networks import Networks
from common.generation import portable
from common.images import decode
from common.text import byte_tokenizer


def networks_of(captioner):
    """Returns the networks from pixels to logits of the tokens of a caption.

    Args:
      captioner: A `Captioner`.
    """
    encoder, decoder = captioner.encoder, captioner.decoder
    size = encoder.image_size

    def encode(pixels):
        memory, states = captioner.encode(encoder(pixels))
        return portable.encoder_outputs(memory, decoder.keys(memory), states)

    def logits(run, x, y):
        pixels, _ = decode.read(x["image_bytes"], size)
        target = captioner.generator.tokens(y["captions"][:, 0]).numpy()[0]
        encoded = run("encoder", pixels=pixels)
        return portable.teacher_forced_logits(run, encoded, target)

    places = encoder.grid_shape[0]
    return Networks(
        parts={
            "encoder": Network(
                encode,
                [tf.TensorSpec([None, size, size, 3], tf.float32, "pixels")],
            ),
            "decoder": portable.decoder_network(
                decoder, (places, captioner.surroundings.size), has_mask=False
            ),
        },
        files={
            "vocabulary": portable.tokenizer_settings(captioner.target),
            "preprocessing": {
                "image_size": size,
                "start": byte_tokenizer.START,
                "end": byte_tokenizer.END,
                "max_tokens": captioner.arguments.max_tokens,
            },
        },
        logits=logits,
    )
