"""Speed of the CTC loss and of the prefix beam search.

    python -m benchmarks.ctc --rounds=20

On 32 recordings of 200 frames and 29 tokens (the blank included): the loss of
20 labels each and its gradient, next to `keras.ops.ctc_loss`; and the search
with a beam width of 8, without scorers, next to TensorFlow's
`ctc_beam_search_decoder`, which returns the best text alone. The log
probabilities are random, as wide apart as those of a network at the beginning
of its training. Ours and the reference run in turns; medians.
"""

import argparse
import os

BATCH, FRAMES, TOKENS, LABELS, WIDTH = 32, 200, 29, 20, 8


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    print("| | reference, ms | ours, ms | ours / reference |")
    print("| --- | --- | --- | --- |")
    for name, (ours, reference) in measure(options.rounds).items():
        ratio = ours / reference
        print(f"| {name} | {reference:.1f} | {ours:.1f} | {ratio:.2f} |")


def measure(rounds, batch=BATCH, frames=FRAMES):
    """Returns the milliseconds of ours and of the reference, by name.

    Args:
      rounds: How often each is called.
      batch: Number of recordings.
      frames: Frames of each.
    """
    import tensorflow as tf

    from benchmarks import timing

    rng = tf.random.Generator.from_seed(0)
    logits = rng.normal([batch, frames, TOKENS], stddev=3.0)
    labels = rng.uniform([batch, LABELS], 1, TOKENS, tf.int32)
    lengths = tf.fill([batch], LABELS), tf.fill([batch], frames)
    figures = {}
    for name, functions, inputs in (
        ("loss and gradient", losses(), (labels, logits, *lengths)),
        ("search, width 8", searches(), (logits, lengths[1])),
    ):
        calls = {
            key: lambda function=function, inputs=inputs: function(*inputs)
            for key, function in functions.items()
        }
        times = timing.medians(calls, rounds)
        figures[name] = times["ours"], times["reference"]
    return figures


def losses():
    """Returns functions of labels, logits and lengths to the gradient."""
    import functools

    import keras
    import tensorflow as tf

    from common.generation.ctc import loss

    @functools.partial(tf.function, autograph=False)
    def ours(labels, logits, *lengths):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            nats, _ = loss.ctc_loss(labels, logits, *lengths)
        return tape.gradient(nats, logits)

    @functools.partial(tf.function, autograph=False)
    def reference(labels, logits, *lengths):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            nats = keras.ops.ctc_loss(labels, logits, *lengths, mask_index=0)
        return tape.gradient(nats, logits)

    return {"ours": ours, "reference": reference}


def searches():
    """Returns functions of logits and lengths to texts or tokens."""
    import functools

    import tensorflow as tf

    from common.generation.ctc import beams
    from common.generation.ctc import prefix_beam_search

    symbols = ["", *map(chr, range(ord("A"), ord("A") + TOKENS - 1))]

    @functools.partial(tf.function, autograph=False)
    def ours(logits, lengths):
        best = prefix_beam_search.advance(
            beams.initial(tf.shape(logits)[0], WIDTH),
            tf.nn.log_softmax(logits),
            lengths,
            symbols,
        )
        return beams.ranked(best)

    @functools.partial(tf.function, autograph=False)
    def reference(logits, lengths):
        # Its blank is the last token, and its first axis is time.
        logits = tf.transpose(tf.roll(logits, -1, 2), [1, 0, 2])
        return tf.nn.ctc_beam_search_decoder(logits, lengths, WIDTH)

    return {"ours": ours, "reference": reference}


if __name__ == "__main__":
    main()
