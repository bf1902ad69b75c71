"""The files of the bAbI tasks, v1.2, as published: Weston et al. 2015."""

import pathlib

from common.data import archives
from common.errors import UserError

TASKS = range(1, 21)
FOLDERS = {"1k": "en", "10k": "en-10k"}


def files(data_dir: str, size: str) -> dict[tuple[int, str], tuple[str, bytes]]:
    """Returns name and content of each file, by task and "train" or "test".

    Args:
      data_dir: the folder or the archive as published, or what holds it.
      size: "1k" or "10k", questions of a task for training.

    Raises:
      UserError: there is no such file.
    """
    root = pathlib.Path(data_dir)
    folder = FOLDERS[size]
    pattern = rf"(?:.*/)?{folder}/qa(\d+)_[^/]*_(train|test)\.txt"
    for path in [root, *sorted(root.glob("*tasks_1-20*"))]:
        # A folder of archives is none of tasks, and is not searched for them.
        if not data_dir or (path == root and not _holds(root, folder)):
            continue
        found = {
            (int(match[1]), match[2]): (f"{path}/{match[0]}", content)
            for match, content in archives.read_members(path, pattern)
        }
        if found:
            return found
    raise UserError(
        f"No bAbI tasks of --size={size} in --data_dir={data_dir}: name the "
        "archive tasks_1-20_v1-2.tar.gz of the bAbI project, what it unpacks "
        "to, or the folder that holds either."
    )


def _holds(root, folder):
    return root.is_file() or root.name == folder or (root / folder).is_dir()
