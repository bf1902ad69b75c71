"""Clips in, segments out."""

from common.interface import Interface


class VideoInterface(Interface):
    """Takes files, folders of frames and test examples, e.g. `test:3`."""

    def parse_inputs(self, words):
        import tensorflow as tf

        examples = [self.test_example(word) for word in words]
        return {"video": tf.stack([x["video"] for x in examples])}

    def format_outputs(self, words, outputs):
        names = ("label", "start", "end", "probability")
        columns = [outputs[f"segment_{name}"].numpy() for name in names]
        for word, *rows in zip(words, *columns):
            yield f"{word}\t{_sentence(zip(*rows))}"


def _sentence(segments):
    """Returns segments as text, such as "0.0-1.2 s: falls (0.98)"."""
    return "; ".join(
        f"{start:.1f}-{end:.1f} s: {label.decode()} ({probability:.2f})"
        for label, start, end, probability in segments
        if label
    )
