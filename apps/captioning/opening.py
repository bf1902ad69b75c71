"""The pictures that words of the command line name."""

import pathlib
import re
from collections.abc import Callable
from collections.abc import Iterator

import tensorflow as tf

from common.errors import UserError
from common.images import decode

ENDINGS = {".jpg", ".jpeg", ".png", ".gif", ".bmp"}
OF_TEST = re.compile(r"test:(\d+)")


def named(words: tuple[str, ...]) -> list[str]:
    """Returns words, with the pictures of a folder in its place.

    Raises:
      UserError: a folder has none.
    """
    names = []
    for word in words:
        if pathlib.Path(word).is_dir():
            files = sorted(pathlib.Path(word).iterdir())
            found = [f for f in files if f.suffix.lower() in ENDINGS]
            if not found:
                raise UserError(
                    f"{word} holds no picture: name a folder of files "
                    f"{', '.join(sorted(ENDINGS))}."
                )
            names.extend(map(str, found))
        else:
            names.append(word)
    return names


def opened(
    names: list[str], test: Callable[[], tf.data.Dataset]
) -> Iterator[tuple[str, bytes | None, str]]:
    """Yields each name, and its picture or what is wrong with it.

    Args:
      names: of files; `test:3` is the fourth picture of the test split.
      test: returns the raw examples of that split.
    """
    for name in names:
        try:
            match = OF_TEST.fullmatch(name)
            content = (
                _of_test(test(), int(match[1]))
                if match
                else pathlib.Path(name).read_bytes()
            )
            decode.check(content)
        except OSError as error:
            yield name, None, f"cannot be read: {error.strerror}"
        except ValueError as error:
            yield name, None, str(error)
        else:
            yield name, content, ""


def _of_test(examples, number):
    for x, _ in examples.skip(number).take(1):
        return x["image_bytes"].numpy()
    raise ValueError(f"is not there: there are {int(examples.cardinality())}")
