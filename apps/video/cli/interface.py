"""Clips in, segments out."""

from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface
from common.video import files
from common.video import inputs


class VideoInterface(Interface):
    """Takes files, folders and test examples, e.g. `test:3`.

    A folder of pictures is a clip; another folder stands for its clips.
    """

    def parse_inputs(self, words):
        return _inputs([self._read(word) for word in words])

    def format_outputs(self, words, outputs):
        names = ("label", "start", "end", "probability")
        columns = [outputs[f"segment_{name}"].numpy() for name in names]
        for word, *rows in zip(words, *columns):
            yield f"{word}\t{_sentence(zip(*rows))}"

    def predict(self, model, words):
        """Prints the segments of clips: files, folders, or test examples."""
        names = files.expand_folders(words)
        timeline = self._timeline_path(len(names))
        answered = 0
        for chunk in self.chunks(names):
            clips = self._readable(chunk)
            if not clips:
                continue
            outputs = model.serve(**_inputs(clips))
            _retime(outputs, clips)
            yield from self.format_outputs([c.name for c in clips], outputs)
            answered += len(clips)
            if timeline:
                yield self._draw(timeline, clips[0], outputs)
        if answered < len(names):
            raise UserError(
                f"{len(names) - answered} of {len(names)} clips could not be "
                "read."
            )

    commands = {"predict": predict}

    def _timeline_path(self, count):
        """Returns the path of --timeline, or None.

        Raises:
          UserError: It cannot be drawn of `count` clips.
        """
        if not self.config.timeline:
            return None
        from common.evaluation import plots

        path = plots.png_path("timeline", self.config.timeline)
        if count != 1:
            raise UsageError(
                f"--timeline draws one clip: pass one, not {count}."
            )
        return path

    def _read(self, word):
        return inputs.read(word, self.test_example, self.config.image_size)

    def _readable(self, words):
        side = self.config.image_size
        return inputs.readable(words, self.test_example, side, self.app.name)

    def _draw(self, path, clip, outputs):
        from apps.video.cli import figures
        from common.evaluation import plots

        names = ("labels", "probabilities", "start", "end")
        first = {name: outputs[name][0].numpy() for name in names}
        side = self.config.image_size
        figure = figures.timeline(clip.content, side, **first)
        plots.save(figure, path, dpi=120)
        return f"See {path}"


def _inputs(clips):
    import tensorflow as tf

    return {"video": tf.constant([c.content for c in clips], tf.string)}


def _retime(outputs, clips):
    """Sets the seconds of clips whose files do not have them."""
    import numpy as np
    import tensorflow as tf

    names = ("start", "end", "segment_start", "segment_end")
    seconds = {name: outputs[name].numpy() for name in names}
    lengths = outputs["segment_frames"].numpy()
    for row, clip in enumerate(clips):
        if clip.durations is None:
            continue
        edges = np.cumsum([0.0, *clip.durations])
        count = len(edges) - 1
        seconds["start"][row, :count] = edges[:-1]
        seconds["end"][row, :count] = edges[1:]
        places = np.cumsum([0, *lengths[row][lengths[row] > 0]])
        count = len(places) - 1
        seconds["segment_start"][row, :count] = edges[places[:-1]]
        seconds["segment_end"][row, :count] = edges[places[1:]]
    outputs |= {name: tf.constant(v) for name, v in seconds.items()}


def _sentence(segments):
    """Returns segments as text, such as "0.0-1.2 s: falls (0.98)"."""
    return "; ".join(
        f"{start:.1f}-{end:.1f} s: {label.decode()} ({probability:.2f})"
        for label, start, end, probability in segments
        if label
    )
