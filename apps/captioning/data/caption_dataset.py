"""What the data sets of captioned pictures have in common."""

from __future__ import annotations

import os
import pathlib
import re
from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Sequence

from common.data import dataset
from common.errors import UserError

# A picture and its captions.
Listed = tuple[pathlib.Path, list[str]]


class CaptionDataset(dataset.Dataset):
    """Pictures as the bytes of files, each with its captions.

    An example is `({"image_bytes": string}, {"captions": string (captions,)})`.
    All examples of a split have the same number of captions: a picture with
    fewer ends with empty strings.

    Attributes:
      is_accurate: Returns whether a caption describes all of a picture and
        nothing else, given the reference captions; None where no program can
        tell.
      meaning: Returns what the captions of a picture say together, equal for
        pictures of the same scene; None where no program can tell.
    """

    is_accurate: Callable[[str, list[str]], bool] | None = None
    meaning: Callable[[list[str]], Hashable] | None = None


def padded(captions: list[str], count: int) -> list[str]:
    """Returns the captions of a picture, filled up with empty strings."""
    return captions + [""] * (count - len(captions))


def of_files(listed: Sequence[tuple[str, list[str]]]):
    """Returns a data set of examples; pictures are read when needed.

    Args:
      listed: Paths and captions.
    """
    import tensorflow as tf

    count = max((len(captions) for _, captions in listed), default=0)
    paths = [path for path, _ in listed]
    captions = [padded(captions, count) for _, captions in listed]
    return tf.data.Dataset.from_tensor_slices(
        (
            tf.constant(paths, tf.string),
            tf.constant(captions, tf.string, [len(captions), count]),
        )
    ).map(
        lambda path, captions: (
            {"image_bytes": tf.io.read_file(path)},
            {"captions": captions},
        ),
        tf.data.AUTOTUNE,
    )


def readable(
    listed: Sequence[Listed], source: str, bad_records
) -> Iterator[tuple[str, list[str], bytes]]:
    """Yields path, captions and content of the pictures that can be read.

    Args:
      listed: Paths and captions.
      source: Name of the list, for messages.
      bad_records: Skips and lists the pictures that are missing or broken.

    Raises:
      UserError: No picture is there, or too many are broken.
    """
    records = []
    for path, captions in listed:
        if os.path.isfile(path):
            records.append((str(path), 1, (path, captions)))
        else:
            bad_records.absent(str(path), 1)
    if listed and not records:
        raise UserError(
            f"None of the {len(listed):,} images of {source} exists, e.g. "
            f"{listed[0][0]}: --data_dir takes the folder that holds them."
        )
    yield from bad_records.readable(records, _read)


def _read(picture):
    """Returns path, captions and content of a picture.

    Raises:
      ValueError: It cannot be read, or has no caption.
    """
    from common.images import decode

    path, captions = picture
    # One line each, so that captions can be columns of a table.
    captions = [re.sub(r"[\t\r\n]+", " ", text).strip() for text in captions]
    captions = [text for text in captions if text]
    if not captions:
        raise ValueError("it has no caption")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(error.strerror) from error
    decode.check(content)
    return str(path), captions, content
