"""Atomic, versioned SavedModels and their model cards."""

import pathlib

import keras

from common import files
from common.errors import UserError


def publish(
    model: keras.Model, folder: pathlib.Path, extra: dict[str, str]
) -> pathlib.Path:
    """Writes `model.serve` as the next version below `folder`.

    The version is written beside and then renamed: who polls `folder`, as
    TensorFlow Serving does, sees all of it or nothing.

    Args:
      model: its `serve` becomes the signature `serving_default`.
      folder: holds the versions 1, 2, ...
      extra: texts for the folder assets.extra, by file name.

    Returns:
      The folder of the new version.
    """
    number = 1 + max(versions(folder), default=0)
    while True:
        try:
            with files.written_beside(folder / str(number)) as beside:
                _write(model, beside, extra)
            return folder / str(number)
        except UserError:
            if not (folder / str(number)).exists():
                raise
            number += 1  # Another process was faster and took it.


def versions(folder: pathlib.Path) -> list[int]:
    """Returns the versions that `folder` holds, in ascending order."""
    if not folder.is_dir():
        return []
    names = [child.name for child in folder.iterdir()]
    return sorted(int(name) for name in names if name.isdecimal())


def _write(model, folder, extra):
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", model.serve)
    archive.write_out(folder, verbose=False)
    (folder / "assets.extra").mkdir()
    for name, text in extra.items():
        (folder / "assets.extra" / name).write_text(text, encoding="utf-8")
