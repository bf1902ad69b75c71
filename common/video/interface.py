"""The command line of the apps that take clips; imports no TensorFlow."""

from __future__ import annotations

import abc
import pathlib
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import ClassVar

from common.errors import UserError
from common.interface import Interface
from common.video import files
from common.video import limits

if TYPE_CHECKING:
    import tensorflow as tf

    from common.app_model import AppModel


class ClipInterface(Interface):
    """Takes clips: files, folders and test examples, e.g. `test:3`.

    A folder of pictures is a clip; another folder stands for its clips.
    """

    @property
    @abc.abstractmethod
    def side(self) -> int:
        """Height and width of the frames that the model reads, in pixels."""

    @abc.abstractmethod
    def answers(
        self, clips: Sequence[files.VideoFile], outputs: dict[str, tf.Tensor]
    ) -> Iterable[str]:
        """Returns the lines that `predict` prints for a batch.

        Args:
          clips: Readable ones, with durations.
          outputs: What `serve` returned.
        """

    def parse_inputs(self, words: Sequence[str]) -> dict[str, tf.Tensor]:
        return _inputs([self.read(word) for word in words])

    def read(self, word: str) -> files.VideoFile:
        """Returns the clip that a word names; its content is not yet checked.

        Raises:
          UserError: It does not exist, or cannot be read.
        """
        if not word:
            raise UserError(
                "The name of a clip is empty: pass a file, a folder, or a test "
                "example such as test:3."
            )
        example = self.test_example(word)
        if example:
            return files.VideoFile(word, example["video"].numpy(), None)
        return files.read(pathlib.Path(word), self.side)

    def predict(self, model: AppModel, words: Sequence[str]) -> Iterable[str]:
        """Answers clips: files, folders, or test examples as test:3."""
        answered, problems = 0, 0
        for chunk in self.chunks(words):
            for batch in self._batches(chunk):
                clips = [clip for clip in batch if clip]
                problems += len(batch) - len(clips)
                if clips:
                    outputs = model.serve(**_inputs(clips))
                    yield from self.answers(clips, outputs)
                    answered += len(clips)
        if problems:
            raise UserError(
                f"{problems} of {answered + problems} clips could not be read."
            )

    commands: ClassVar[dict[str, Callable]] = {"predict": predict}

    def _batches(self, words):
        """Yields lists of clips; of long ones fewer: padding multiplies them.

        An unreadable clip is None, after a line on standard error.
        """
        batch, longest = [], 0
        for word in words:
            for name in files.expand_folder(word):
                clip = self._readable(name)
                frames = len(clip.durations) if clip else 0
                longest = max(longest, frames)
                size = (
                    (len(batch) + 1) * longest * limits.frame_bytes(self.side)
                )
                is_full = len(batch) == self.config.batch_size
                if batch and (is_full or size > limits.MAX_BYTES):
                    yield batch
                    batch, longest = [], frames
                batch.append(clip)
        if batch:
            yield batch

    def _readable(self, name):
        """Returns a clip with durations; None if it is unreadable."""
        from common.video import decode

        try:
            clip = self.read(name)
            _, seconds = decode.read_one(clip.content, self.side)
        except UserError as error:
            print(f"{self.app.name}: {error}", file=sys.stderr)
        except ValueError as error:
            print(f"{self.app.name}: {name} {error}.", file=sys.stderr)
        else:
            return clip._replace(durations=clip.durations or seconds)
        return None


def _inputs(clips):
    import tensorflow as tf

    return {"video": tf.constant([clip.content for clip in clips], tf.string)}
