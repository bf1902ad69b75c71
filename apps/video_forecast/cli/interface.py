"""Clips in; the frames that follow out, as files."""

import pathlib
import re
import statistics
import sys

from common.errors import UserError
from common.interface import TEST_EXAMPLE
from common.interface import Interface
from common.video import files


class ForecastInterface(Interface):
    """Takes clips and test examples, e.g. `test:3`."""

    def parse_inputs(self, words):
        return _inputs(map(self._clip, words))

    def format_outputs(self, words, outputs):
        yield from self._write_all(map(self._clip, words), outputs)

    def predict(self, model, words):
        """Forecasts clips: files, folders of frames, or test:3."""
        words = files.expand_folders(words)
        unreadable = 0
        for chunk in self.chunks(words):
            clips = list(self._readable(chunk))
            unreadable += len(chunk) - len(clips)
            if clips:
                outputs = model.serve(**_inputs(clips))
                yield from self._write_all(clips, outputs)
        if unreadable:
            raise UserError(
                f"{unreadable} of {len(words)} clips could not be read."
            )

    commands = {"predict": predict}

    def _readable(self, words):
        """Yields the clips that are readable; prints why others are not."""
        from common.video import decode

        for word in words:
            try:
                clip = self._clip(word)
                decode.check(clip.content, self.config.frame_size)
            except UserError as error:
                print(f"{self.app.name}: {error}", file=sys.stderr)
            except ValueError as error:
                print(f"{self.app.name}: {word} {error}.", file=sys.stderr)
            else:
                yield clip

    def _clip(self, word):
        """Returns the clip that a word names."""
        example = self.test_example(word)
        if example:
            return files.VideoFile(word, example["video"].numpy(), None)
        return files.read(pathlib.Path(word))

    def _write_all(self, clips, outputs):
        """Writes the forecast of each clip; yields a line with its files."""
        from common.video import writing

        output_dir = self.config.output_dir or self.app.run_dir / "forecasts"
        folder = pathlib.Path(output_dir)
        for clip, frames in zip(clips, outputs["frames"].numpy()):
            stem = re.sub(r"[^\w.-]", "-", pathlib.Path(clip.name).stem)
            gif = folder / f"{stem}.forecast.gif"
            strip = folder / f"{stem}.forecast.png"
            context, seconds = self._context(clip)
            writing.write_gif(gif, frames, seconds)
            rows = [("context", context), ("forecast", frames)]
            if TEST_EXAMPLE.fullmatch(clip.name):
                rows.insert(1, ("truth", self._truth(clip.name)))
            writing.write_strip(strip, rows)
            yield f"{clip.name}\t{gif}\t{strip}"

    def _context(self, clip):
        """Returns the frames that the network reads, and seconds per frame."""
        frames, durations = self._decoded(clip.content)
        seconds = statistics.median(clip.durations or durations)
        return frames[-self.config.context :], seconds

    def _truth(self, word):
        """Returns the frames that follow a test example."""
        number = int(TEST_EXAMPLE.fullmatch(word)[1])
        ((_, y),) = self.app.examples("test").skip(number).take(1)
        return self._decoded(y["video"].numpy())[0]

    def _decoded(self, content):
        """Returns frames as uint8 (time, size, size, 3), and their seconds."""
        import tensorflow as tf

        from common.video import decode

        clips = decode.read(tf.constant([content]), self.config.frame_size)
        frames = tf.cast(tf.round(clips.frames[0]), tf.uint8)
        return frames.numpy(), clips.durations[0].numpy().tolist()


def _inputs(clips):
    import tensorflow as tf

    return {"video": tf.constant([clip.content for clip in clips], tf.string)}
