"""Recordings in, transcripts out."""

import pathlib
import sys
from typing import NamedTuple

from apps.speech.cli import streaming
from common.audio import files
from common.data import folders
from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface

EXTENSIONS = {
    *(".wav", ".wave", ".rf64", ".flac", ".mp3", ".ogg", ".oga", ".opus"),
    *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".m4a", ".w64"),
}
NO_SCORE = -1e30  # Alternatives with lower scores do not exist.
# Samples of a batch: padding multiplies one long recording.
MAX_BATCH_BYTES = 2**28


class Recording(NamedTuple):
    """A recording that a word of the command line names.

    Attributes:
      name: As in the command line.
      content: A WAV file.
    """

    name: str
    content: bytes


class SpeechInterface(Interface):
    """Takes recordings: files, folders of them, and examples as test:3."""

    def parse_inputs(self, words):
        import tensorflow as tf

        contents = [self.read(word).content for word in words]
        return {"audio": tf.constant(contents, tf.string)}

    def read(self, word):
        """Returns the recording that a word names.

        Raises:
          UserError: It does not exist, or cannot be read.
        """
        if not word:
            raise UserError(
                "The name of a recording is empty: pass a file, a folder, or a "
                "test example such as test:3."
            )
        example = self.test_example(word)
        if example:
            return Recording(word, example["audio"].numpy())
        return Recording(word, files.read(pathlib.Path(word)))

    def format_outputs(self, words, outputs):
        transcripts = outputs["transcript"].numpy()
        for row, (word, transcript) in enumerate(zip(words, transcripts)):
            yield f"{word}\t{transcript.decode()}"
            values = {name: v[row].numpy() for name, v in outputs.items()}
            if self.config.times:
                yield from _timed(values)
            if self.config.alternatives:
                yield from _alternatives(values, self.config.alternatives)

    def predict(self, model, words):
        """Transcribes recordings: files, folders, or test examples."""
        if self.config.picture:
            words = self._only_recording(words)
        answered, problems = 0, 0
        for chunk in self.chunks(words):
            for batch in self._batches(chunk):
                recordings = [recording for recording in batch if recording]
                problems += len(batch) - len(recordings)
                answered += len(recordings)
                if recordings:
                    yield from self._answers(model, recordings)
        if problems:
            raise UserError(
                f"{problems} of {answered + problems} recordings could not be "
                "read."
            )

    commands = {"predict": predict}

    def _answers(self, model, recordings):
        import tensorflow as tf

        if self.config.stream:
            for recording in recordings:
                yield from streaming.transcripts(model, *recording)
            return
        contents = [recording.content for recording in recordings]
        outputs = model.serve(audio=tf.constant(contents, tf.string))
        yield from self.format_outputs([r.name for r in recordings], outputs)
        if self.config.picture:
            yield self._draw(model, recordings[0], outputs)

    def _batches(self, words):
        """Yields lists of recordings; of long ones fewer.

        An unreadable one is None, after a line on standard error.
        """
        batch, longest = [], 0
        for word in words:
            for name in folders.expand(word, _is_recording, ": no recordings."):
                recording = self._readable(name)
                size = len(recording.content) if recording else 0
                longest = max(longest, size)
                is_full = len(batch) == self.config.batch_size
                is_long = (len(batch) + 1) * longest > MAX_BATCH_BYTES
                if batch and (is_full or is_long):
                    yield batch
                    batch, longest = [], size
                batch.append(recording)
        if batch:
            yield batch

    def _readable(self, name):
        try:
            return self.read(name)
        except UserError as error:
            print(f"{self.app.name}: {error}", file=sys.stderr)
        return None

    def _only_recording(self, words):
        """Returns the recording of --picture, in a list.

        Raises:
          UserError: It cannot be drawn.
        """
        self._picture_path()
        names = [
            name
            for word in words
            for name in folders.expand(word, _is_recording, ": no recordings.")
        ]
        if len(names) != 1:
            raise UsageError(
                f"--picture draws one recording: pass one, not {len(names)}."
            )
        return names

    def _picture_path(self):
        from common.evaluation import plots

        return plots.png_path("picture", self.config.picture)

    def _draw(self, model, recording, outputs):
        from apps.speech.cli import figures
        from common.evaluation import plots

        values = {name: v[0].numpy() for name, v in outputs.items()}
        figure = figures.recording(model, recording.content, values)
        path = self._picture_path()
        plots.save(figure, path, dpi=120)
        return f"See {path}"


def _is_recording(path):
    return path.suffix.lower() in EXTENSIONS


def _timed(values):
    """Yields the words of a recording with their times and confidences."""
    names = ("words", "word_start", "word_end", "word_confidence")
    for word, start, end, confidence in zip(*(values[n] for n in names)):
        if word:
            yield (
                f"  {start:7.2f} - {end:.2f} s  {word.decode()} "
                f"({confidence:.2f})"
            )


def _alternatives(values, count):
    """Yields the scores and texts of the best transcripts."""
    pairs = zip(values["alternative_scores"], values["alternatives"])
    for score, text in list(pairs)[:count]:
        if score > NO_SCORE:
            yield f"  {score:9.3f}  {text.decode()}"
