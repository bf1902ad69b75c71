"""Data sets: they are read as published, and split without leaks."""

import gzip
import re
import zipfile

import pytest

from apps.translation.data import DATASETS
from apps.translation.data import german
from apps.translation.data import lexicon
from apps.translation.data import multi30k
from apps.translation.data import sample
from apps.translation.data import sentences
from apps.translation.data import tatoeba
from common.data import dataset
from common.data.records import BadRecords
from common.errors import UserError
from tests.apps.translation import tiny

SPLITS = ["train", "valid", "test"]


def load(name, folder, **options):
    """Returns the data set that a value of --dataset names."""
    config = tiny.config(dataset=str(name), **options)
    records = BadRecords(folder / "bad_records.csv", 0.0)
    return dataset.find(DATASETS, config.dataset)(config, records)


def pairs_of(examples):
    batches = examples.batch(4096).as_numpy_iterator()
    return [
        (source.decode(), target.decode())
        for x, y in batches
        for source, target in zip(x["text"], y["translation"])
    ]


def read(name, folder, split="train", **options):
    """Returns the pairs of a split."""
    return pairs_of(load(name, folder, **options).examples(split))


def test_numbers_are_written_in_german_words():
    words = {
        1: "eins",
        16: "sechzehn",
        21: "einundzwanzig",
        30: "dreißig",
        99: "neunundneunzig",
        1100: "elfhundert",
        1987: "neunzehnhundertsiebenundachtzig",
        2001: "zweitausendeins",
    }
    assert {n: german.number(n) for n in words} == words
    assert [german.ordinal(n) for n in (1, 3, 7, 19, 20)] == (
        ["ersten", "dritten", "siebten", "neunzehnten", "zwanzigsten"]
    )


@pytest.mark.parametrize(
    ("determiner", "count", "case", "expected"),
    [
        ("der", 1, "nominative", "der alte Hund"),
        ("der", 1, "accusative", "den alten Hund"),
        ("ein", 1, "nominative", "ein alter Hund"),
        ("kein", 1, "accusative", "keinen alten Hund"),
        ("der", 0, "nominative", "die alten Hunde"),
        ("", 0, "accusative", "alte Hunde"),
        ("", 3, "nominative", "drei alte Hunde"),
        ("mein", 3, "accusative", "meine drei alten Hunde"),
    ],
)
def test_articles_and_adjectives_agree(determiner, count, case, expected):
    noun = ("m", "Hund", "Hunde")
    phrase = german.noun_phrase(determiner, ["alt"], noun, count, case)
    assert phrase == expected


def test_the_sample_is_reproducible_and_its_splits_differ(tmp_path):
    assert sentences.pairs(50, "train") == sentences.pairs(50, "train")
    splits = load("sample", tmp_path)
    train, test = (pairs_of(splits.examples(s)) for s in ("train", "test"))
    assert len(train) == sample.SIZES["train"]
    assert len(test) == sample.SIZES["test"]
    valid = pairs_of(splits.examples("valid"))
    assert not set(train) & {*valid, *test} and not set(valid) & set(test)


def test_numbers_and_dates_of_the_sample_are_known():
    """All that has a digit in English, and the names of months and days."""
    names = [
        line.split()[0]
        for line in f"{lexicon.MONTHS}\n{lexicon.DAYS}".splitlines()
    ]
    pattern = r"\d+|" + "|".join(rf"\b{name}\b" for name in names)
    for source, target in sentences.pairs(2000, "numbers"):
        expected = re.findall(pattern, re.sub(r"[Aa]t 1 o'", "", source))
        assert len(german.numbers(target)) == len(expected), source


def test_a_sentence_of_the_sample_has_one_translation():
    translations = {}
    for source, target in sentences.pairs(10_000, "all"):
        assert translations.setdefault(source, target) == target


def write_multi30k(folder):
    for split, name in multi30k.SPLITS.items():
        for language in ("en", "de"):
            text = f"{split} one {language}\n{split} two {language}\n"
            path = folder / f"{name}.{language}.gz"
            path.write_bytes(gzip.compress(text.encode()))


@pytest.mark.parametrize("inside", ["", "data/task1/raw"])
def test_multi30k_is_read_in_place(tmp_path, inside):
    folder = tmp_path / inside
    folder.mkdir(parents=True, exist_ok=True)
    write_multi30k(folder)
    options = {"pair": "de-en", "data_dir": str(tmp_path)}
    assert read("multi30k", tmp_path, "valid", **options) == [
        ("valid one de", "valid one en"),
        ("valid two de", "valid two en"),
    ]


def test_files_of_different_length_are_refused(tmp_path):
    write_multi30k(tmp_path)
    (tmp_path / "train.de.gz").write_bytes(gzip.compress(b"one\n"))
    with pytest.raises(UserError, match=r"has 2 lines.*has 1"):
        read("multi30k", tmp_path, data_dir=str(tmp_path))


def test_a_broken_file_is_named(tmp_path):
    write_multi30k(tmp_path)
    path = tmp_path / "train.de.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=r"train\.de\.gz is broken"):
        read("multi30k", tmp_path, data_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("multi30k", {}, r"No train\.en\.gz in .*--data_dir"),
        ("tatoeba", {"pair": "eng-fra"}, r"No fra-eng\.zip in .*--data_dir"),
        ("tatoeba", {"pair": "eng-fra", "data_dir": ""}, "changes too often"),
        ("tatoeba", {}, "--pair=en-de is not in tatoeba"),
        ("wmt", {}, "No data set 'wmt': use sample, multi30k"),
        ("absent.tsv", {}, r"absent\.tsv cannot be read"),
        ("a.en,b.de,c.fr", {}, "name one file, or two"),
    ],
)
def test_missing_data_is_reported_with_a_remedy(
    tmp_path, name, options, problem
):
    with pytest.raises(UserError, match=problem):
        read(name, tmp_path, **{"data_dir": str(tmp_path), **options})


ROWS = "".join(
    f"Sentence {i // 2}.\tPhrase {i}\N{NARROW NO-BREAK SPACE}!\tCC-BY 2.0\n"
    for i in range(400)
)


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("packed", [True, False])
def test_tatoeba_is_split_by_the_source(tmp_path, columns, packed):
    text = ROWS if columns == 3 else ROWS.replace("\tCC-BY 2.0", "")
    if packed:
        with zipfile.ZipFile(tmp_path / "fra-eng.zip", "w") as archive:
            archive.writestr("_about.txt", "About.")
            archive.writestr("fra.txt", text)
    else:
        (tmp_path / "fra.txt").write_text(text)
    pairs = load("tatoeba", tmp_path, pair="eng-fra", data_dir=str(tmp_path))
    splits = {split: pairs_of(pairs.examples(split)) for split in SPLITS}
    sources = {k: {source for source, _ in v} for k, v in splits.items()}
    assert not sources["train"] & (sources["valid"] | sources["test"])
    assert len(set.union(*sources.values())) == 200
    assert len(splits["train"]) == 2 * len(sources["train"])
    # One translation for each source of the test split.
    assert len(splits["test"]) == len(sources["test"]) > 0
    assert all("\u202f!" in target for _, target in splits["train"])


def test_a_translation_is_in_one_split_only(tmp_path, capsys):
    path = tmp_path / "own.tsv"
    rows = [(f"source {i}", f"target {i // 2}") for i in range(300)]
    path.write_text("".join(f"{s}\t{t}\n" for s, t in rows))
    pairs = load(path, tmp_path)
    splits = {split: pairs_of(pairs.examples(split)) for split in SPLITS}
    targets = [{target for _, target in part} for part in splits.values()]
    assert sum(map(len, targets)) == len(set.union(*targets)) == 150
    assert len(splits["train"]) > 150
    kept = sum(map(len, splits.values()))
    assert f"Left out {300 - kept} pairs" in capsys.readouterr().err


def test_two_files_hold_the_same_pairs_as_one(tmp_path):
    pairs = [(f"source {i}", f"Ziel {i}") for i in range(100)]
    first, second = tmp_path / "own.en", tmp_path / "own.de"
    first.write_text("".join(f"{source}\r\n" for source, _ in pairs))
    second.write_text("".join(f"{target}\n" for _, target in pairs))
    path = tmp_path / "own.tsv"
    path.write_text("\ufeff" + "".join(f"{s}\t{t}\n" for s, t in pairs))
    for split in SPLITS:
        aligned = read(f"{first},{second}", tmp_path, split)
        assert aligned == read(path, tmp_path, split)
        assert set(aligned) <= set(pairs)


@pytest.mark.parametrize("line", [b"no tab", b"\ttarget", b"a\t\xff", b"a\t "])
def test_a_bad_row_is_named(tmp_path, line):
    path = tmp_path / "own.tsv"
    path.write_bytes(b"one\teins\n" + line + b"\n")
    with pytest.raises(UserError, match=rf"{re.escape(str(path))}, 2: "):
        read(path, tmp_path)


@pytest.mark.real_data
def test_multi30k_as_published(tmp_path, public_data):
    # The two pairs read all nine files; the reverse pairs read the same ones.
    folder = str(public_data("multi30k"))
    for pair in ("en-de", "fr-en"):
        pairs = load("multi30k", tmp_path, pair=pair, data_dir=folder)
        counts = [len(pairs.sentences(split)) for split in SPLITS]
        assert counts == [29_000, 1_014, 1_000]
    assert set(multi30k.Multi30k.pairs) == {"en-de", "en-fr", "de-en", "fr-en"}


@pytest.mark.real_data
def test_tatoeba_as_published(tmp_path, public_data):
    folder = str(public_data("tatoeba"))
    pairs = load("tatoeba", tmp_path, pair="eng-fra", data_dir=folder)
    assert isinstance(pairs, tatoeba.Tatoeba)
    splits = [pairs.sentences(split) for split in SPLITS]
    assert len(splits[0]) > 130_000
    assert min(map(len, splits)) > 1_500
    for first, second in ((0, 1), (0, 2), (1, 2)):
        for column in (0, 1):
            columns = [
                {pair[column] for pair in splits[i]} for i in (first, second)
            ]
            assert not columns[0] & columns[1]
