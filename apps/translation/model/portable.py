"""The encoder and the decoder of a translator, for other runtimes."""

import tensorflow as tf

from common.export.networks import Network
from common.export.networks import Networks
from common.generation import portable
from common.text import byte_tokenizer


def networks_of(translator):
    """Returns the networks from source tokens to logits of target tokens.

    Args:
      translator: A `Translator`.
    """
    arguments, decoder = translator.arguments, translator.decoder
    memory = translator.encoder.compute_output_shape(
        (None, None, arguments.embedding_size)
    )[0]

    def encode(tokens):
        memory, _, states = translator.encode(tokens)
        return portable.encoder_outputs(memory, decoder.keys(memory), states)

    def logits(run, x, y):
        tokens = translator.serving.source_tokens(x["text"]).to_tensor()
        encoded = run("encoder", tokens=tokens)
        target = translator.generator.tokens(y["translation"]).numpy()[0]
        return portable.teacher_forced_logits(
            run, {**encoded, "places": tokens}, target
        )

    return Networks(
        parts={
            "encoder": Network(
                encode, [tf.TensorSpec([None, None], tf.int32, "tokens")]
            ),
            "decoder": portable.decoder_network(
                decoder, (None, memory[-1]), has_mask=True
            ),
        },
        files={
            "vocabulary": {
                "source": portable.tokenizer_settings(translator.source),
                "target": portable.tokenizer_settings(translator.target),
            },
            "preprocessing": {
                "tokenizer": type(translator.source).__name__.lower(),
                "start": byte_tokenizer.START,
                "end": byte_tokenizer.END,
                "first_byte": byte_tokenizer.BYTES,
                "max_tokens": arguments.max_tokens,
            },
        },
        logits=logits,
    )
