"""Recordings in, transcripts out."""

import pathlib
from typing import NamedTuple

from apps.speech.cli import streaming
from common.audio import files as files_lib
from common.data import folders
from common.file_interface import FileInterface
from common.page import page
from common.page import views

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


class SpeechInterface(FileInterface):
    """Takes recordings: files, folders of them, and examples as test:3."""

    kind = "recording"

    def parse_inputs(self, words):
        import tensorflow as tf

        contents = [self.read_checked(word).content for word in words]
        return {"audio": tf.constant(contents, tf.string)}

    def read_checked(self, name):
        self.require_name(name)
        example = self.test_example(name)
        if example:
            return Recording(name, example["audio"].numpy())
        return Recording(name, files_lib.read(pathlib.Path(name)))

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
            self._picture_path()
            words = self.only_file(words, "picture")
        yield from super().predict(model, words)

    commands = {"predict": predict}

    def page(self):
        return page.Page(
            inputs=[
                page.Input(name="audio", label="Recording", kind="recording")
            ],
            views=[
                views.Transcript(
                    recording="audio",
                    transcript="transcript",
                    words="words",
                    start="word_start",
                    end="word_end",
                    confidence="word_confidence",
                    seconds="seconds",
                ),
                views.Alternatives(
                    title="The best transcripts of the beam search",
                    texts="alternatives",
                    scores="alternative_scores",
                ),
            ],
        )

    @property
    def max_bytes(self):
        return MAX_BATCH_BYTES

    def expand(self, word):
        return folders.expand(word, _is_recording, ": no recordings.")

    def size(self, file):
        return len(file.content)

    def answer_files(self, model, files):
        import tensorflow as tf

        if self.config.stream:
            for recording in files:
                yield from streaming.transcripts(model, *recording)
            return
        contents = [recording.content for recording in files]
        outputs = model.serve(audio=tf.constant(contents, tf.string))
        yield from self.format_outputs([r.name for r in files], outputs)
        if self.config.picture:
            yield self._draw(model, files[0], outputs)

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
