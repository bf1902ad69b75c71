"""The clips that words of the command line name; imports no TensorFlow."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from collections.abc import Sequence

from common.errors import UserError
from common.video import files


def read(
    word: str, test_example: Callable[[str], dict | None], side: int
) -> files.VideoFile:
    """Returns the clip that a word names: a file, a folder, or `test:3`.

    Args:
      word: Of the command line.
      test_example: See `Interface.test_example`; its `video` is the clip.
      side: See `files.read`.

    Raises:
      UserError: It cannot be read, or does not exist.
    """
    example = test_example(word)
    if example:
        return files.VideoFile(word, example["video"].numpy(), None)
    return files.read(pathlib.Path(word), side)


def readable(
    words: Sequence[str],
    test_example: Callable[[str], dict | None],
    side: int,
    app_name: str,
) -> list[files.VideoFile]:
    """Returns the readable clips; prints why the others are not.

    Args:
      words: Of the command line.
      test_example: See `read`.
      side: See `files.read`.
      app_name: Begins the lines on standard error.
    """
    from common.video import decode

    clips = []
    for word in words:
        try:
            clip = read(word, test_example, side)
            decode.check(clip.content, side)
            clips.append(clip)
        except UserError as error:
            print(f"{app_name}: {error}", file=sys.stderr)
        except ValueError as error:
            print(f"{app_name}: {word} {error}.", file=sys.stderr)
    return clips
