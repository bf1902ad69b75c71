"""Stories, bAbI as published, and files of your own."""

import gzip
import io
import tarfile

import pytest

from apps.qa.config import QAConfig
from apps.qa.data import DATASETS
from apps.qa.data import babi
from apps.qa.data import stories
from common.data import dataset
from common.data.records import BadRecords
from common.errors import UserError

SPLITS = ("train", "valid", "test")
STORY = """\
1 Anna took the cup.
2 Anna went to the attic.
3 Where is the cup? \tattic\t1 2
4 Ben went to the cellar.
5 Where is Ben? \tcellar\t4
"""


def story_of(numbers):
    """Returns a story for each number, in which Ben has it in his name."""
    return "".join(STORY.replace("Ben", f"Ben{i}") for i in numbers)


def open_dataset(name, folder, allowed=0.0, **options):
    """Returns a data set whose --data_dir is `folder`."""
    config = QAConfig(dataset=str(name), data_dir=str(folder), **options)
    bad_records = BadRecords(folder / "bad.csv", allowed)
    return dataset.find(DATASETS, str(name))(config, bad_records)


def test_a_question_is_about_the_sentences_before_it():
    first, second = stories.parse(STORY)
    assert first == (
        ("Anna took the cup.", "Anna went to the attic."),
        "Where is the cup?",
        "attic",
        ("Anna took the cup.", "Anna went to the attic."),
    )
    assert second.story[-1] == "Ben went to the cellar."
    assert second.support == ("Ben went to the cellar.",)


def test_the_number_1_starts_a_new_story():
    blocks = list(stories.blocks(STORY + STORY))
    assert [first for first, _ in blocks] == [1, 6]
    assert blocks[1][1].splitlines() == STORY.splitlines()


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("1 Anna left.\nBen left.", "line 2 has no number"),
        ("1 Anna left.\n3 Ben left.", "line 2 has the number 3, not 2"),
        ("2 Anna left.", "line 1 has the number 2, not 1"),
        ("1 Who?\t \t1", "line 1 has no question and answer"),
        ("1 \udcff", "0xff .* not UTF-8"),
    ],
)
def test_the_error_names_the_broken_line(block, message):
    with pytest.raises(ValueError, match=message):
        stories.parse(block)


def test_examples_are_dicts_of_named_values(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(story_of(range(60)))
    own_file = open_dataset(path, tmp_path)
    rows = [
        row
        for split in SPLITS
        for row in own_file.examples(split).as_numpy_iterator()
    ]
    assert len(rows) == 120
    assert rows[0] == (
        {
            "story": b"Anna took the cup.\nAnna went to the attic.",
            "question": b"Where is the cup?",
        },
        {
            "answer": b"attic",
            "task": 0,
            "support": b"Anna took the cup.\nAnna went to the attic.",
        },
    )


def test_a_broken_story_is_skipped_alone(tmp_path):
    path = tmp_path / "mine.txt"
    broken = "1 Anna left.\n5 Ben left.\n"
    path.write_text(story_of(range(30)) + broken)
    with pytest.raises(UserError, match=r"mine.txt, 151: line 152 has the"):
        open_dataset(path, tmp_path).questions("train")
    tolerant = open_dataset(path, tmp_path, allowed=0.1)
    assert sum(len(tolerant.questions(split)) for split in SPLITS) == 60


def test_a_story_of_your_own_is_in_one_split(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(story_of(range(60)))
    own_file = open_dataset(path, tmp_path)
    splits = [
        {
            question.story
            for _, question in own_file.questions(split)
            if "Ben" in " ".join(question.story)
        }
        for split in SPLITS
    ]
    assert all(splits)
    assert sum(map(len, splits)) == len(set.union(*splits)) == 60


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            STORY.replace("\t", "    ") * 3,
            r"no question in its 3 stories: .*<TAB>answer`, with a tab",
        ),
        (STORY, "is one story: the number 1 starts a new story"),
        (STORY * 2, "the valid split is empty, because 2 stories are too few"),
        ("", "no question in its 0 stories"),
    ],
)
def test_a_file_that_gives_no_splits_says_why(tmp_path, content, problem):
    (tmp_path / "mine.txt").write_text(content)
    with pytest.raises(UserError, match=problem):
        open_dataset(tmp_path / "mine.txt", tmp_path).questions("train")


def test_marks_encodings_and_odd_spaces_do_not_change_a_story(tmp_path):
    text = story_of(range(60)).replace("Anna went", "Änna\u2028went")
    (tmp_path / "plain.txt").write_text(text)
    (tmp_path / "mark.txt").write_text("\ufeff" + text)
    (tmp_path / "utf16.txt").write_text(text, encoding="utf-16")
    (tmp_path / "zip.txt.gz").write_bytes(gzip.compress(text.encode()))
    names = ["plain.txt", "mark.txt", "utf16.txt", "zip.txt.gz"]
    first, *rest = (
        [
            open_dataset(tmp_path / name, tmp_path).questions(split)
            for split in SPLITS
        ]
        for name in names
    )
    assert "Änna\u2028went to the attic." in first[0][0][1].story
    assert all(questions == first for questions in rest)


def test_a_missing_file_and_an_unknown_data_set_are_errors(tmp_path):
    with pytest.raises(UserError, match="nothere.txt cannot be read"):
        open_dataset(tmp_path / "nothere.txt", tmp_path).examples("train")
    with pytest.raises(UserError, match="No data set 'squad': use sample"):
        open_dataset("squad", tmp_path)


BOTH = [(task, split) for task in (1, 2) for split in ("train", "test")]


def publish(folder, tasks, packed):
    """Writes tasks as they are published, ten stories each."""
    files = {
        f"tasks_1-20_v1-2/en/qa{task}_some-thing_{split}.txt": "".join(
            STORY.replace("cup", f"cup{split}{i}") for i in range(10)
        ).encode()
        for task, split in tasks
    }
    if not packed:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return
    with tarfile.open(folder / "tasks_1-20_v1-2.tar.gz", "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize("packed", [False, True])
def test_babi_is_read_as_published(tmp_path, packed):
    publish(tmp_path, BOTH, packed)
    tasks = open_dataset("babi", tmp_path, tasks="1,2")
    train, valid, test = map(tasks.questions, SPLITS)
    assert [len(rows) for rows in (train, valid, test)] == [36, 4, 40]
    assert {task for task, _ in train} == {1, 2}
    # Validation takes the last tenth of the stories.
    assert "cuptrain9" in valid[0][1].story[0]
    assert not {q.story for _, q in train} & {q.story for _, q in valid}


def test_a_missing_task_is_reported_and_skipped(tmp_path, capsys):
    publish(tmp_path, BOTH[:-1], packed=False)
    rows = open_dataset("babi", tmp_path, tasks="1,2").questions("test")
    assert {task for task, _ in rows} == {1}
    assert "Task 2 is skipped" in capsys.readouterr().err


def test_a_folder_without_babi_is_an_error_with_the_remedy(tmp_path):
    with pytest.raises(UserError, match="takes the archive tasks_1-20_v1-2"):
        open_dataset("babi", tmp_path).examples("train")


def test_a_truncated_archive_is_an_error(tmp_path):
    publish(tmp_path, BOTH, packed=True)
    path = tmp_path / "tasks_1-20_v1-2.tar.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match=r"tar.gz is (broken|corrupt|trunc)"):
        open_dataset("babi", tmp_path).examples("train")
    path.write_bytes(gzip.compress(b"not an archive"))
    with pytest.raises(UserError, match=r"tar.gz is (broken|corrupt|trunc)"):
        open_dataset("babi", tmp_path).examples("train")


@pytest.mark.parametrize("tasks", ["0", "21", "one", "1;2", ""])
def test_unknown_tasks_are_refused(tmp_path, tasks):
    publish(tmp_path, BOTH, packed=False)
    with pytest.raises(UserError, match="give numbers from 1 to 20"):
        open_dataset("babi", tmp_path, tasks=tasks).examples("train")


@pytest.mark.real_data
def test_the_published_files_have_a_thousand_questions_per_task(
    public_data, tmp_path
):
    config = QAConfig(dataset="babi", data_dir=str(public_data("babi")))
    tasks = babi.BAbI(config, BadRecords(tmp_path / "bad.csv", 0))
    counts = {split: len(tasks.questions(split)) for split in SPLITS}
    assert counts["test"] == 20_000
    assert counts["train"] + counts["valid"] == 20_000


@pytest.mark.real_data
def test_one_task_of_10k_is_missing(public_data):
    contents = babi.task_files(str(public_data("babi")), "10k")
    assert len(contents) == 39
    assert (3, "train") not in contents
