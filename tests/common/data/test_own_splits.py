"""A user's own files: a split is a file, the rows that name it, or a tenth."""

import pytest

from common import config
from common.data import own_splits
from common.data import splits
from common.errors import UserError

MANY = [("", f"text {i}") for i in range(100)]
NAMED = [("train", "a"), ("valid", "b"), ("test", "c"), ("test", "d")]


def of_files(files, **options):
    """Returns the splits of files, given as their examples by name."""
    return own_splits.OwnSplits(
        config.Config(**{"dataset": "all", **options}),
        files.__getitem__,
        key=str,
        unit="texts",
    )


def parts(own):
    return {split: own.examples(split) for split in splits.SPLITS}


def texts(examples):
    return [text for _, text in examples]


def test_one_file_is_divided_by_hash(capsys):
    expected = splits.divided(texts(MANY), str)
    assert parts(of_files({"all": MANY})) == expected
    train, valid, test = (len(expected[split]) for split in splits.SPLITS)
    assert capsys.readouterr().err == (
        f"all: texts: train {train}, valid {valid} (a tenth by hash), test "
        f"{test} (a tenth by hash).\n"
    )


def test_the_training_file_is_the_data_set():
    files = {"all": MANY}
    by_file = of_files(files, dataset="sample", train_file="all")
    assert parts(by_file) == parts(of_files(files))


def test_each_file_is_a_split_as_a_whole(capsys):
    files = {"a": MANY[:50], "b": MANY[50:70], "c": MANY[70:]}
    own = of_files(files, dataset="a", valid_file="b", test_file="c")
    assert parts(own) == {
        "train": texts(files["a"]),
        "valid": texts(files["b"]),
        "test": texts(files["c"]),
    }
    assert capsys.readouterr().err == (
        "a: texts: train 50, valid 20 of b, test 30 of c.\n"
    )


@pytest.mark.parametrize(
    ("given", "missing"), [("valid", "test"), ("test", "valid")]
)
def test_a_missing_file_takes_a_tenth_of_the_training_file(
    given, missing, capsys
):
    own = of_files(
        {"all": MANY, "file": [("", "x")]}, **{f"{given}_file": "file"}
    )
    actual = parts(own)
    of_one_file = parts(of_files({"all": MANY}))
    assert actual[given] == ["x"]
    assert actual[missing] == of_one_file[missing]
    assert set(actual["train"]) == {
        *of_one_file["train"],
        *of_one_file[given],
    }
    line = capsys.readouterr().err.splitlines()[0]
    assert f"{missing} {len(actual[missing])} (a tenth by hash)" in line
    assert f"{given} 1 of file" in line


def test_a_file_names_the_split_of_each_example():
    assert parts(of_files({"all": NAMED})) == {
        "train": ["a"],
        "valid": ["b"],
        "test": ["c", "d"],
    }


def test_rows_of_two_splits_leave_a_tenth_for_the_third():
    files = {"all": [("train", text) for _, text in MANY] + [("test", "c")]}
    actual = parts(of_files(files))
    assert actual["test"] == ["c"]
    assert actual["valid"] == splits.divided(texts(MANY), str)["valid"]
    assert len(actual["train"]) + len(actual["valid"]) == 100


def test_a_file_completes_the_splits_of_the_rows():
    files = {"all": NAMED[:2], "c": [("", "x")]}
    assert parts(of_files(files, test_file="c"))["test"] == ["x"]
    assert parts(of_files({**files, "c": NAMED[2:]}, test_file="c"))[
        "test"
    ] == ["c", "d"]


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        (
            {"all": NAMED, "c": [("", "x")]},
            {"test_file": "c"},
            "all is read as the train split, and has texts of the split test: "
            "leave out --test_file=c, or these texts",
        ),
        (
            {"all": MANY, "c": NAMED},
            {"valid_file": "c"},
            "c is read as the valid split, and has texts of the split train: "
            "remove the column split, or read the file by --dataset",
        ),
        ({"all": MANY, "c": []}, {"test_file": "c"}, "c has no texts for the"),
        (
            {"all": MANY[:3]},
            {},
            "all: the valid split is empty, because 3 texts are too few",
        ),
        (
            {"all": NAMED[2:]},
            {},
            "all has no texts for the train split: add some, or name another "
            "--train_file",
        ),
        (
            {"all": MANY},
            {"test_file": "all"},
            "--test_file=all is the training file, too",
        ),
        (
            {"all": MANY},
            {"valid_file": "all"},
            "--valid_file=all is the training file, too",
        ),
    ],
)
def test_splits_that_contradict_or_are_empty_raise(files, options, message):
    with pytest.raises(UserError) as error:
        parts(of_files(files, **options))
    assert str(error.value).startswith(message)


def test_test_examples_alone_can_be_scored():
    """Of other data, nothing but the test split is needed."""
    assert of_files({"all": NAMED[2:]}).examples("test") == ["c", "d"]
    own = of_files({"all": MANY[:3]}, test_file="all")
    assert own.examples("test") == texts(MANY[:3])


def test_test_examples_that_are_not_new_are_counted_and_stay(capsys):
    test = [("", text) for text in ("new", "text 1", "text 2", "text 2", "")]
    files = {"a": [*MANY[:2], ("", "")], "b": MANY[2:4], "c": test}
    own = of_files(files, dataset="a", valid_file="b", test_file="c")
    assert own.examples("test") == texts(test)
    sentence = "3 of 5 test texts of c are also training or validation texts."
    assert capsys.readouterr().err.splitlines()[-1] == sentence
    assert own.leak(own) == sentence
    other = of_files(
        {"d": [("", "text 3"), ("", "x")]}, dataset="d", test_file="d"
    )
    assert other.leak(own).startswith("1 of 2 test texts of d")
    assert own.leak(other) == ""


def test_examples_before_decoding_have_the_same_splits():
    files = {"all": NAMED[:2] + [("train", text) for _, text in MANY]}
    own = of_files(files)
    named, keys = zip(*files["all"])
    assigned = own.assign(named, keys)
    for split, examples in parts(own).items():
        assert examples == [k for k, s in zip(keys, assigned) if s == split]
    assert of_files({}, test_file="all").assign([""], ["x"]) == ["test"]


@pytest.mark.parametrize("folds", [2, 5, 7])
def test_folds_divide_all_examples(folds):
    examples = [("", f"text {i % 40}") for i in range(100)]
    own = of_files({"all": examples})
    tested = []
    for number in range(1, folds + 1):
        fold = parts(own.fold(number, folds))
        assert sorted(sum(fold.values(), [])) == sorted(texts(examples))
        train, valid, test = (set(fold[split]) for split in splits.SPLITS)
        assert not train & valid | train & test | valid & test
        assert 40 // folds <= len(test) <= 40 // folds + 1
        assert len(valid) == -(-(40 - len(test)) // 10)
        tested += fold["test"]
    # Each example is tested once, and equal ones in the same fold.
    assert sorted(tested) == sorted(texts(examples))
    # Folds leave the splits as they are.
    assert parts(own) == parts(of_files({"all": examples}))


def test_the_fold_of_an_example_does_not_depend_on_the_order():
    first, second = (
        of_files({"all": examples}).fold(2, 5)
        for examples in (MANY, MANY[::-1])
    )
    for split in splits.SPLITS:
        assert set(first.examples(split)) == set(second.examples(split))


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"all": NAMED}, {}, "cross_validate divides all texts of all, but"),
        (
            {"all": MANY, "c": MANY},
            {"test_file": "c"},
            "cross_validate divides all texts of all, but other files",
        ),
        ({"all": MANY[:9]}, {}, "all: 9 different texts are too few for 5"),
        ({"all": MANY[:9] * 9}, {}, "all: 9 different texts are too few for 5"),
    ],
)
def test_examples_that_give_no_folds_raise(files, options, message):
    with pytest.raises(UserError) as error:
        of_files(files, **options).fold(1, 5)
    assert str(error.value).startswith(message)
