"""The bAbI tasks, v1.2, as published."""

import functools
import pathlib
import sys

from apps.qa.data import examples
from common.data import archives
from common.errors import UserError

TASKS = range(1, 21)
FOLDERS = {"1k": "en", "10k": "en-10k"}
PUBLISHED_1K = """\
Published mean errors on all 20 bAbI tasks with 1k questions, in %: LSTM 50.8
(Weston et al. 2015), Keras's example 39.2, end-to-end memory network 13.8 by
task, 12.4 jointly (Sukhbaatar et al. 2015)."""
# Errors of the entity network in %, trained task by task on 10k questions
# (Henaff et al., Tracking the World State with Recurrent Entity Networks,
# 2017, table 2).
PUBLISHED_10K = dict(
    zip(
        TASKS,
        (
            *(0.0, 0.1, 4.1, 0.0, 0.3, 0.2, 0.0, 0.5, 0.1, 0.6),
            *(0.3, 0.0, 1.3, 0.0, 0.0, 0.2, 0.5, 0.3, 2.3, 0.0),
        ),
    )
)


class BAbI(examples.StoryDataset):
    """The tasks of --tasks, in the published training and test splits.

    Validation takes the last tenth of the training stories of each task.

    Reference: Weston et al., Towards AI-Complete Question Answering: A Set of
    Prerequisite Toy Tasks, 2015.
    """

    name = "babi"
    help = "The twenty bAbI tasks of Weston et al. 2015."
    languages = ("en",)
    license = (
        "bAbI tasks v1.2, Weston et al. 2015 "
        "(https://research.facebook.com/downloads/babi/); CC BY 3.0."
    )
    files = (
        "tasks_1-20_v1-2.tar.gz, or the unpacked tasks_1-20_v1-2/; required, "
        "it is not downloaded."
    )

    def published_results(self, tasks):
        if self.config.babi_size == "10k":
            mean = sum(PUBLISHED_10K[task] for task in tasks) / len(tasks)
            return (
                f"Published mean error of an entity network on these "
                f"{len(tasks)} tasks, each trained alone: {mean:.1f} % "
                "(Henaff et al. 2017)."
            )
        return PUBLISHED_1K if len(tasks) == len(TASKS) else ""

    def questions(self, split):
        return self._questions[split]

    @functools.cached_property
    def _questions(self):
        """Pairs (task, question) by split."""
        folder = FOLDERS[self.config.babi_size]
        tasks = examples.task_numbers(self.config.tasks, TASKS)
        contents = task_files(self.config.data_dir, self.config.babi_size)
        questions = {"train": [], "valid": [], "test": []}
        for task in tasks:
            missing = [
                s for s in ("train", "test") if (task, s) not in contents
            ]
            if missing:
                print(
                    f"Task {task} is skipped: {self.config.data_dir} has no "
                    f"file {folder}/qa{task}_..._{missing[0]}.txt.",
                    file=sys.stderr,
                )
                continue
            train, test = (
                examples.read_stories(*contents[task, split], self.bad_records)
                for split in ("train", "test")
            )
            held_out = max(1, len(train) // 10)
            for split, stories in (
                ("train", train[:-held_out]),
                ("valid", train[-held_out:]),
                ("test", test),
            ):
                questions[split] += [
                    (task, q) for story in stories for q in story
                ]
        return questions


def task_files(
    data_dir: str, size: str
) -> dict[tuple[int, str], tuple[str, str]]:
    """Returns name and content of each file, by task and "train" or "test".

    Args:
      data_dir: The published folder or archive, or the folder that contains
        it.
      size: "1k" or "10k", the training questions of each task.

    Raises:
      UserError: There is no such file.
    """
    root = pathlib.Path(data_dir)
    folder = FOLDERS[size]
    pattern = rf"(?:.*/)?{folder}/qa(\d+)_[^/]*_(train|test)\.txt"
    for path in [root, *sorted(root.glob("*tasks_1-20*"))]:
        # A folder without tasks, which may be large, is not searched.
        if not data_dir or (path == root and not _has_tasks(root, folder)):
            continue
        contents = {
            (int(match[1]), match[2]): (
                f"{path}/{match[0]}",
                content.decode("utf-8", "surrogateescape"),
            )
            for match, content in archives.read_members(path, pattern)
        }
        if contents:
            return contents
    raise UserError(
        f"No bAbI tasks of --babi_size={size} in --data_dir={data_dir}: it "
        "takes the archive tasks_1-20_v1-2.tar.gz of the bAbI project, the "
        "unpacked folder, or the folder that contains one of them."
    )


def _has_tasks(root, folder):
    return root.is_file() or root.name == folder or (root / folder).is_dir()
