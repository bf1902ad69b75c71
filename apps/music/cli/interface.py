"""MIDI files in; MIDI files, pictures and sound out."""

import functools
import pathlib
import sys

from apps.music.data import rolls
from common.data import folders
from common.errors import UsageError
from common.file_interface import FileInterface

EXTENSIONS = {".mid", ".midi", ".kar", ".rmi"}
MAX_BATCH_BYTES = 2**26
SURPRISES = 5  # Frames that `score` lists.


class MusicInterface(FileInterface):
    """Takes MIDI files, folders of them, and test examples as test:3."""

    kind = "piece"

    @property
    def max_bytes(self):
        return MAX_BATCH_BYTES

    def expand(self, word):
        return folders.expand(word, _is_piece, ": not MIDI files.")

    def size(self, file):
        return file.frames.nbytes

    def read_checked(self, name):
        return self._read(name, self._form)

    def parse_inputs(self, words):
        files = [self.read_checked(word) for word in words]
        return {self._form: _padded(files)}

    def format_outputs(self, words, outputs):
        files = [self.read_checked(word) for word in words]
        yield from self._written(files, outputs)

    def answer_files(self, model, files):
        outputs = model.serve(**{self._form: _padded(files)})
        yield from self._written(files, outputs)

    def predict(self, model, words):
        """Continues pieces by --bars bars; reads the first --primer_bars."""
        yield from super().predict(model, words)

    def generate(self, model, words):
        """Composes as many pieces as the word says; one without a word."""
        from apps.music.cli import composing

        yield from composing.new_pieces(
            model, self.config, _number(words), self._folder
        )

    def harmonize(self, model, words):
        """Adds alto, tenor and bass to the highest notes of pieces."""
        if self.config.network != "voices":
            raise UsageError(
                f"harmonize needs a run with --network=voices, and "
                f"{self.app.run_dir} has --network={self.config.network}: "
                "train one, and pass its --run_dir."
            )
        from apps.music.cli import composing

        for melody in self._pieces(words, "harmonize", "melody"):
            outputs = composing.harmonize(model, self.config, melody.frames)
            yield from self._written([melody], outputs, "-harmonized")

    def score(self, model, words):
        """Prints the nats per frame of pieces, and where they surprise."""
        from apps.music.cli import surprise

        for piece in self._pieces(words, "score", self._form):
            yield from surprise.lines(model, piece, SURPRISES)

    commands = {
        "predict": predict,
        "generate": generate,
        "harmonize": harmonize,
        "score": score,
    }

    def page(self):
        from apps.music.cli import demo_page

        return demo_page.describe(self.config, self.app.model.arguments)

    @property
    def _form(self):
        return "voices" if self.config.network == "voices" else "roll"

    @functools.cached_property
    def _folder(self):
        from apps.music.cli import pieces

        folder = self.config.output_dir or self.app.run_dir / "pieces"
        return pieces.Folder(
            pathlib.Path(folder),
            self.config.tempo,
            self.app.model.arguments.frames_per_beat,
        )

    def _pieces(self, words, command, form):
        """Yields the pieces that can be read; see `readable`.

        Raises:
          UsageError: There is no word.
          UserError: At the end, if a piece could not be read.
        """
        if not words:
            raise UsageError(f"{command} takes at least one piece.")
        names = [name for word in words for name in self.expand(word)]
        yield from self.readable(names, lambda name: self._read(name, form))

    def _read(self, name, form):
        """Returns a piece that can be read, after a line on what is odd."""
        from apps.music.cli import pieces

        self.require_name(name)
        example = self.test_example(name)
        if example:
            return pieces.of_example(name, example, form)
        frames_per_beat = self.app.model.arguments.frames_per_beat
        piece = pieces.read(name, form, frames_per_beat)
        for warning in piece.warnings:
            print(f"{self.app.name}: {warning}", file=sys.stderr)
        return piece

    def _written(self, pieces, outputs, ending="-continued"):
        """Writes the files of answers; yields a line for each piece."""
        form, has_primer = self._form, ending == "-continued"
        for row, piece in enumerate(pieces):
            count = int(outputs["frames"][row])
            files = self._folder.write(
                piece.name,
                outputs["midi_bytes"][row].numpy(),
                outputs[form][row, :count].numpy(),
                self._primer_frames(piece) if has_primer else 0,
                ending,
            )
            yield f"{piece.name}\t{files}"

    def _primer_frames(self, piece):
        """Returns the number of frames that the composed ones follow."""
        bar = rolls.BEATS_PER_BAR * self.app.model.arguments.frames_per_beat
        longest = self.config.primer_bars * bar or len(piece.frames)
        return min(longest, len(piece.frames))


def _is_piece(path):
    return path.suffix.lower() in EXTENSIONS


def _padded(pieces):
    """Returns frames (pieces, frames, width), -1 behind shorter pieces."""
    import numpy as np
    import tensorflow as tf

    longest = max(piece.padded_length for piece in pieces)
    room = [longest - len(piece.frames) for piece in pieces]
    return tf.constant(
        [
            np.pad(piece.frames, ((0, end), (0, 0)), constant_values=-1)
            for piece, end in zip(pieces, room)
        ],
        tf.int32,
    )


def _number(words):
    """Returns the number of pieces that the words of `generate` say."""
    if not words:
        return 1
    if len(words) > 1 or not words[0].isdecimal() or not int(words[0][:9]):
        raise UsageError(
            f"generate takes a number of pieces, not {' '.join(words)!r}."
        )
    return int(words[0][:9])
