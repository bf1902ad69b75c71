"""Question answering: stories, bAbI as published, the sample, the baselines."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from apps.qa import babi
from apps.qa import baseline
from apps.qa import data
from apps.qa import sample
from apps.qa import stories
from apps.qa import world
from common.data.records import BadRecords
from common.errors import UserError

STORY = b"""\
1 Anna took the cup.
2 Anna went to the attic.
3 Where is the cup? \tattic\t1 2
4 Ben went to the cellar.
5 Where is Ben? \tcellar\t4
"""


def load(dataset, split, folder, tasks="all", size="1k", allowed=0.0):
    records = BadRecords(folder / "bad.csv", allowed)
    found = data.load(dataset, split, tasks, size, str(folder), records)
    return [
        (x["story"].decode(), x["question"].decode(), *[v.decode() for v in y])
        for x, y in found.as_numpy_iterator()
    ]


def test_a_question_is_on_the_sentences_before_it():
    first, second = stories.read(STORY)
    assert first == (
        ("Anna took the cup.", "Anna went to the attic."),
        "Where is the cup?",
        "attic",
        ("Anna took the cup.", "Anna went to the attic."),
    )
    assert second.story[-1] == "Ben went to the cellar."
    assert second.support == ("Ben went to the cellar.",)


def test_the_number_1_begins_a_new_story():
    found = list(stories.blocks(STORY + STORY))
    assert [first for first, _ in found] == [1, 6]
    assert found[1][1].splitlines() == STORY.splitlines()


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (b"1 Anna left.\nBen left.", "line 2 has no number"),
        (b"1 Anna left.\n3 Ben left.", "line 2 has the number 3, not 2"),
        (b"2 Anna left.", "line 1 has the number 2, not 1"),
        (b"1 Who?\t \t1", "line 1 has no question and answer"),
        (b"1 \xff", "utf-8"),
    ],
)
def test_a_broken_line_is_named(block, message):
    with pytest.raises(ValueError, match=message):
        stories.read(block)


def test_a_broken_story_costs_itself(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(STORY * 30 + b"1 Anna left.\n5 Ben left.\n")
    with pytest.raises(UserError, match=r"mine.txt, 151: line 152 has the"):
        load(str(path), "train", tmp_path)
    rows = [load(str(path), s, tmp_path, allowed=0.1) for s in data.SAMPLES]
    assert sum(map(len, rows)) == 60


def test_own_stories_are_in_one_split_each(tmp_path):
    path = tmp_path / "mine.txt"
    told = [STORY.replace(b"Ben", f"Ben{i}".encode()) for i in range(60)]
    path.write_bytes(b"".join(told))
    splits = [
        {row[0] for row in load(str(path), split, tmp_path)}
        for split in data.SAMPLES
    ]
    last = [{s for s in split if "Ben" in s} for split in splits]
    assert all(last)
    assert sum(map(len, last)) == len(set.union(*last)) == 60


def test_a_file_that_is_none_and_a_set_that_is_none_are_named(tmp_path):
    with pytest.raises(UserError, match="nothere.txt cannot be read"):
        load(str(tmp_path / "nothere.txt"), "train", tmp_path)
    with pytest.raises(UserError, match="No data set 'squad': use sample"):
        load("squad", "train", tmp_path)


def published(folder, tasks, packed):
    """Writes tasks as they are published, ten stories each."""
    files = {
        f"tasks_1-20_v1-2/en/qa{task}_some-thing_{split}.txt": b"".join(
            STORY.replace(b"cup", f"cup{split}{i}".encode()) for i in range(10)
        )
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


BOTH = [(task, split) for task in (1, 2) for split in ("train", "test")]


@pytest.mark.parametrize("packed", [False, True])
def test_babi_is_read_as_published(tmp_path, packed):
    published(tmp_path, BOTH, packed)
    train, valid, test = [
        load("babi", split, tmp_path, "1,2") for split in data.SAMPLES
    ]
    assert [len(rows) for rows in (train, valid, test)] == [36, 4, 40]
    assert {row[3] for row in train} == {"1", "2"}
    assert "cuptrain9" in valid[0][0]  # The last tenth of the stories.
    assert not {row[0] for row in train} & {row[0] for row in valid}


def test_a_task_that_is_not_there_is_told_and_left_out(tmp_path, capsys):
    published(tmp_path, BOTH[:-1], packed=False)
    rows = load("babi", "test", tmp_path, "1,2")
    assert {row[3] for row in rows} == {"1"}
    assert "Task 2 is left out" in capsys.readouterr().err


def test_where_there_is_no_babi_the_remedy_is_named(tmp_path):
    with pytest.raises(UserError, match="name the archive tasks_1-20_v1-2"):
        load("babi", "train", tmp_path)


def test_an_archive_that_is_cut_short_is_named(tmp_path):
    published(tmp_path, BOTH, packed=True)
    path = tmp_path / "tasks_1-20_v1-2.tar.gz"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match="tar.gz is broken or cut short"):
        load("babi", "train", tmp_path)
    path.write_bytes(gzip.compress(b"no archive"))
    with pytest.raises(UserError, match="tar.gz is broken"):
        load("babi", "train", tmp_path)


@pytest.mark.parametrize("tasks", ["0", "21", "one", "1;2", ""])
def test_tasks_that_are_none_are_refused(tmp_path, tasks):
    published(tmp_path, BOTH, packed=False)
    with pytest.raises(UserError, match="give numbers of 1 to 20"):
        load("babi", "train", tmp_path, tasks)


@pytest.mark.real_data
def test_the_published_files_have_a_thousand_questions_a_task(
    public_data, tmp_path
):
    records = BadRecords(tmp_path / "bad.csv", 0)
    folder = str(public_data("babi"))
    counts = {
        split: int(
            data.load("babi", split, "all", "1k", folder, records).cardinality()
        )
        for split in data.SAMPLES
    }
    assert counts["test"] == 20_000
    assert counts["train"] + counts["valid"] == 20_000


@pytest.mark.real_data
def test_of_10k_one_task_is_missing(public_data, capsys):
    found = babi.files(str(public_data("babi")), "10k")
    assert len(found) == 39
    assert (3, "train") not in found


def test_stories_of_the_sample_are_in_one_split_each():
    tasks = tuple(sample.TASKS)
    splits = [
        {q.story for _, q in sample.questions(400, split, tasks)}
        for split in data.SAMPLES
    ]
    assert not splits[0] & splits[1] | splits[0] & splits[2]
    assert not splits[1] & splits[2]


def test_the_sample_is_always_the_same():
    assert sample.questions(40, "test", (1, 2)) == sample.questions(
        40, "test", (1, 2)
    )


class Reader:
    """Works the answers out from the sentences, by rules of its own."""

    def __init__(self, story):
        self.at, self.has, self.trail, self.absent = {}, {}, {}, {}
        for sentence in story:
            self.read(sentence.rstrip(".").replace(" the ", " ").split())

    def read(self, words):
        name, verb, *rest = words
        if verb in ("went", "moved", "walked"):
            self.at[name] = rest[-1]
            self.absent.pop(name, None)
        elif verb == "is":
            self.absent[name] = rest[-1]
            self.at.pop(name, None)
        elif verb in ("took", "picked"):
            self.has[rest[-1]] = name
        elif verb == "gave":
            self.has[rest[0]] = rest[-1]
        else:
            self.has.pop(rest[-1])
        for thing, holder in self.has.items():
            places = self.trail.setdefault(thing, [])
            if not places or places[-1] != self.at[holder]:
                places.append(self.at[holder])

    def held(self, name):
        return sorted(t for t, holder in self.has.items() if holder == name)

    def answer(self, question):
        words = question.rstrip("?").replace(" the ", " ").split()
        match words:
            case ["Where", "is", name] if name in world.PEOPLE:
                return self.at[name]
            case ["Where", "is", thing]:
                return self.trail[thing][-1]
            case ["Where", "was", thing, "before", _]:
                return self.trail[thing][-2]
            case ["Is", name, "in", place]:
                return "yes" if self.at.get(name) == place else "no"
            case ["How", "many", "things", "does", name, "hold"]:
                return ["none", "one", "two", "three"][len(self.held(name))]
            case ["What", "does", name, "hold"]:
                return ",".join(self.held(name)) or "nothing"
            case ["Who", "holds", thing]:
                return self.has[thing]


@pytest.mark.parametrize("task", sample.TASKS)
def test_the_answers_of_the_sample_follow_from_its_sentences(task):
    for _, question in sample.questions(200, "train", (task,)):
        reader = Reader(question.story)
        assert reader.answer(question.question) == question.answer, question
        assert set(question.support) <= set(question.story)


def test_three_facts_support_an_answer_of_three_facts():
    supports = [
        len(question.support)
        for _, question in sample.questions(100, "train", (3,))
    ]
    assert np.mean(supports) > 3
    assert min(supports) == 3


def examples(*rows):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(
        (
            {"story": [r[0] for r in rows], "question": [r[1] for r in rows]},
            [[r[2], "1", ""] for r in rows],
        )
    )


def test_the_baselines_answer_by_question_and_by_last_name():
    seen = examples(
        ("Anna left.", "Where is Anna?", "attic"),
        ("Anna left.", "Where is Ben?", "attic"),
        ("Anna left.", "Where is Ben?", "cellar"),
        ("Anna left.", "Who is there?", "Ben"),
    )
    test = examples(
        ("To the attic. To the cellar. Ben.", "Where is Ben?", ""),
        ("Nobody.", "Where is Ben?", ""),
        ("Nobody.", "Why not?", ""),
    )
    np.testing.assert_array_equal(
        baseline.most_frequent(seen, test), [b"attic"] * 3
    )
    np.testing.assert_array_equal(
        baseline.last_named(seen, test), [b"cellar", b"attic", b"attic"]
    )
