"""The command line of the apps that take clips; imports no TensorFlow."""

from __future__ import annotations

import abc
import pathlib
from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING

from common.errors import UserError
from common.file_interface import FileInterface
from common.video import files as files_lib
from common.video import limits

if TYPE_CHECKING:
    import tensorflow as tf

    from common.app_model import AppModel


class ClipInterface(FileInterface):
    """Takes clips: files, folders and test examples, e.g. `test:3`.

    A folder of pictures is a clip; another folder stands for its clips.
    """

    kind = "clip"

    @property
    @abc.abstractmethod
    def side(self) -> int:
        """Height and width of the frames that the model reads, in pixels."""

    @abc.abstractmethod
    def answers(
        self,
        clips: Sequence[files_lib.VideoFile],
        outputs: dict[str, tf.Tensor],
    ) -> Iterable[str]:
        """Returns the lines that `predict` prints for a batch.

        Args:
          clips: Readable ones, with durations.
          outputs: What `serve` returned.
        """

    def parse_inputs(self, words: Sequence[str]) -> dict[str, tf.Tensor]:
        return _inputs([self.read(word) for word in words])

    def read(self, word: str) -> files_lib.VideoFile:
        """Returns the clip that a word names; its content is not yet checked.

        Raises:
          UserError: It does not exist, or cannot be read.
        """
        self.require_name(word)
        example = self.test_example(word)
        if example:
            return files_lib.VideoFile(word, example["video"].numpy(), None)
        return files_lib.read(pathlib.Path(word), self.side)

    @property
    def max_bytes(self) -> int:
        return limits.MAX_BYTES

    def expand(self, word: str) -> list[str]:
        return files_lib.expand_folder(word)

    def read_checked(self, name: str) -> files_lib.VideoFile:
        """Returns a clip with durations; see `FileInterface`."""
        from common.video import decode

        clip = self.read(name)
        try:
            _, seconds = decode.read_one(clip.content, self.side)
        except ValueError as error:
            raise UserError(f"{name} {error}.") from error
        return clip._replace(durations=clip.durations or seconds)

    def size(self, file: files_lib.VideoFile) -> int:
        return len(file.durations or ()) * limits.frame_bytes(self.side)

    def answer_files(
        self, model: AppModel, files: Sequence[files_lib.VideoFile]
    ) -> Iterable[str]:
        yield from self.answers(files, model.serve(**_inputs(files)))


def _inputs(clips):
    import tensorflow as tf

    return {"video": tf.constant([clip.content for clip in clips], tf.string)}
