"""LibriSpeech, Common Voice and LJSpeech in their published form."""

import numpy as np
import pytest
import soundfile

from apps.speech import data as data_sets
from apps.speech.data import common_voice
from apps.speech.data import librispeech
from apps.speech.data import ljspeech
from common.audio import wav
from common.data import dataset
from common.errors import UserError
from tests import variants


def write(path, number):
    """Writes a recording whose samples all are a number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.full(400, number, "i2")
    form = "WAV" if path.suffix == ".mp3" else None  # Told by its content.
    soundfile.write(path, samples, 8000, "PCM_16", format=form)


def numbers(data, split):
    """Returns the value of the samples, and the transcript, of each example."""
    return [
        (
            round(float(wav.decode(x["audio"]).samples[0]) * 2**15),
            y["transcript"].numpy().decode(),
        )
        for x, y in data.examples(split)
    ]


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    folder = tmp_path_factory.mktemp("libri")
    for number, (name, chapter) in enumerate(
        [
            ("train-clean-100", "103-1240"),
            ("train-other-500", "20-205"),
            ("dev-clean", "84-121123"),
            ("test-clean", "61-70968"),
            ("test-other", "367-130732"),
        ]
    ):
        chapter_folder = (
            folder / "LibriSpeech" / name / chapter.replace("-", "/")
        )
        for sentence in range(2):
            path = chapter_folder / f"{chapter}-{sentence:04}.flac"
            write(path, 10 * number + sentence)
        (chapter_folder / f"{chapter}.trans.txt").write_text(
            f"{chapter}-0000 THERE'D BE\n{chapter}-0001 {number} STEW\n"
        )
    return folder


def libri(create, folder, **options):
    return create(librispeech.LibriSpeech, data_dir=str(folder), **options)


@pytest.mark.parametrize("inner", variants.extended(["", "LibriSpeech"], ""))
def test_librispeech_is_read_as_published(books, create, inner):
    data = libri(create, books / inner)
    expected = {"train": (0, 1), "valid": (2,), "test": (3, 4)}
    for split, chapters in expected.items():
        pairs = [
            pair
            for n in chapters
            for pair in [(10 * n, "there'd be"), (10 * n + 1, f"{n} stew")]
        ]
        assert numbers(data, split) == pairs
    assert data.speakers("test") == ["61", "61", "367", "367"]


def test_librispeech_without_a_split_or_a_folder(books, tmp_path, create):
    with pytest.raises(UserError, match="has no transcripts dev-"):
        libri(create, tmp_path).examples("valid")
    with pytest.raises(UserError, match="LibriSpeech is not downloaded: get"):
        libri(create, "").examples("train")


def test_lines_and_files_of_librispeech_that_are_bad(books, tmp_path, create):
    chapter = tmp_path / "dev-clean/1/2"
    write(chapter / "1-2-0000.flac", 5)
    (chapter / "1-2-0001.flac").write_bytes(b"fLaC")
    (chapter / "1-2.trans.txt").write_text(
        "1-2-0000 A\n1-2-0001 B\n1-2-0002 C\n../1-2-0003 D\n1-2-/x E\n"
    )
    with pytest.raises(UserError, match=r"'\.\./1-2-0003' is not a recording"):
        libri(create, tmp_path).examples("valid")
    data = libri(create, tmp_path, allowed=0.9)
    assert numbers(data, "valid") == [(5, "a")]
    data.bad_records.report()
    listed = data.bad_records.path.read_text()
    assert "1-2-0001.flac" in listed
    assert "1-2-0002.flac,1,missing" in listed


@pytest.fixture(scope="module")
def volunteers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    language = folder / "cv-corpus" / "cy"
    header = "client_id\tpath\tsentence_id\tsentence\tsentence_domain\tage\n"
    for number, name in enumerate(("train", "dev", "test"), 1):
        lines = ""
        for i in range(3):
            write(language / "clips" / f"{name}_{i}.mp3", 10 * number + i)
            lines += f'{name}{i}\t{name}_{i}.mp3\ts\t"Bore {i}," meddai.\t\t\n'
        (language / f"{name}.tsv").write_text(header + lines)
    return folder


def voices(create, folder, **options):
    return create(common_voice.CommonVoice, data_dir=str(folder), **options)


@pytest.mark.parametrize(
    "inner", variants.extended(["", "cv-corpus", "cv-corpus/cy"], "")
)
def test_common_voice_is_read_as_published(volunteers, create, inner):
    data = voices(create, volunteers / inner)
    for number, split in enumerate(("train", "valid", "test"), 1):
        assert numbers(data, split) == [
            (10 * number + i, f"bore {i} meddai") for i in range(3)
        ]
    assert data.speakers("test") == ["test0", "test1", "test2"]


def test_one_language_of_common_voice_is_chosen(volunteers, tmp_path, create):
    for language in ("br", "cy"):
        (tmp_path / language).symlink_to(volunteers / "cv-corpus/cy")
    with pytest.raises(UserError, match=r"several languages \(br, cy\)"):
        voices(create, tmp_path).examples("test")
    with pytest.raises(UserError, match="has no train.tsv"):
        voices(create, tmp_path.parent / "nothing").examples("test")


def test_common_voice_without_its_clips(volunteers, tmp_path, create):
    table = volunteers / "cv-corpus/cy/test.tsv"
    for name in ("train", "test"):
        (tmp_path / f"{name}.tsv").write_bytes(table.read_bytes())
    with pytest.raises(UserError, match="none of the 3 recordings of the test"):
        voices(create, tmp_path).examples("test")


@pytest.mark.parametrize("inner", variants.extended(["", "LJSpeech-1.1"], ""))
def test_ljspeech_is_read_as_published(tmp_path, create, inner):
    folder = tmp_path / "LJSpeech-1.1"
    rows = ""
    for n in range(40):
        name = f"LJ001-{n:04}"
        write(folder / "wavs" / f"{name}.wav", n)
        rows += f'{name}|"In {n}, he said.|"In number {n}, he said.\n'
    (folder / "metadata.csv").write_text(rows)
    data = create(ljspeech.LJSpeech, data_dir=str(tmp_path / inner))
    pairs = [numbers(data, split) for split in ("train", "valid", "test")]
    assert all(pairs)
    assert sorted(p for part in pairs for p in part) == [
        (n, f"in number {n} he said") for n in range(40)
    ]
    assert data.speakers("test") is None


def test_a_bad_row_of_ljspeech_is_named(tmp_path, create):
    (tmp_path / "metadata.csv").write_text("LJ001-0001|In 5\n")
    with pytest.raises(UserError, match=r"'LJ001-0001\|In 5' is not ID"):
        create(ljspeech.LJSpeech, data_dir=str(tmp_path)).examples("train")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        *((name, name) for name in data_sets.DATASETS),
        ("validated.tsv", "MINE.tsv"),
        ("a/metadata.csv", "MINE.tsv"),
        ("x.jsonl.gz", "MINE.tsv"),
    ],
)
def test_a_value_names_one_data_set(value, name):
    assert dataset.find(data_sets.DATASETS, value).name == name
