"""Clips in, segments out."""

import pathlib
import sys
from typing import NamedTuple

from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface
from common.video import files


class Clip(NamedTuple):
    """A clip that a word names.

    Attributes:
      name: The word.
      content: Bytes of a file.
      durations: Seconds of each frame, where the file does not say it.
    """

    name: str
    content: bytes
    durations: list[float] | None


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
                yield _draw(timeline, clips[0], outputs)
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

    def _readable(self, names):
        """Returns the readable clips; prints the problems of the others."""
        from common.video import decode

        clips = []
        for name in names:
            try:
                clip = self._read(name)
                decode.check(clip.content, self.config.image_size)
                clips.append(clip)
            except UserError as error:
                print(f"video: {error}", file=sys.stderr)
            except ValueError as error:
                print(f"video: {name} {error}.", file=sys.stderr)
        return clips

    def _read(self, word):
        example = self.test_example(word)
        if example:
            return Clip(word, example["video"].numpy(), None)
        path = pathlib.Path(word)
        return Clip(*files.read(path, self.config.image_size))


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


def _draw(path, clip, outputs):
    from apps.video.cli import figures
    from common.evaluation import plots

    names = ("labels", "probabilities", "start", "end")
    first = {name: outputs[name][0].numpy() for name in names}
    figure = figures.timeline(clip.content, **first)
    plots.save(figure, path, dpi=120)
    return f"See {path}"


def _sentence(segments):
    """Returns segments as text, such as "0.0-1.2 s: falls (0.98)"."""
    return "; ".join(
        f"{start:.1f}-{end:.1f} s: {label.decode()} ({probability:.2f})"
        for label, start, end, probability in segments
        if label
    )
