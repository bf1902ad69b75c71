"""Tables of recordings of your own."""

import gzip
import json
import sys

import numpy as np
import pytest
import soundfile

from apps.speech.data import files
from apps.speech.data import own_file
from common.audio import wav
from common.errors import UserError
from tests.apps.speech.data import conftest

COUNT = 24  # Each split has some of them.
WORDS = [f"word {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(COUNT)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    for number in range(COUNT):
        path = folder / f"{number}.wav"
        path.write_bytes(conftest.wav_file(number))
    return folder


def rows(extra=(), name="{}.wav"):
    return [*((name.format(n), WORDS[n]) for n in range(COUNT)), *extra]


def table(path, lines, separator="\t"):
    path.write_text("".join(separator.join(line) + "\n" for line in lines))
    return str(path)


def test_a_row_is_a_file_and_its_transcript(folder, create):
    path = table(folder / "plain.tsv", rows())
    pairs = conftest.all_pairs(create(own_file.OwnFile, dataset=path))
    assert sorted(pairs) == list(enumerate(WORDS))


def test_splits_are_by_content_and_the_same_each_time(folder, tmp_path, create):
    twice = []
    for number in range(COUNT):
        for name in "ab":
            content = conftest.wav_file(number)
            (tmp_path / f"{number}{name}.wav").write_bytes(content)
            twice.append((f"{number}{name}.wav", WORDS[number]))
    path = table(tmp_path / "twice.tsv", twice[::-1])
    data = create(own_file.OwnFile, dataset=path)
    parts = {s: set(conftest.pairs(data, s)) for s in ("train", "valid")}
    parts["test"] = set(conftest.pairs(data, "test"))
    assert sum(map(len, parts.values())) == COUNT
    single = table(folder / "single.tsv", rows())
    again = create(own_file.OwnFile, dataset=single)
    for split, part in parts.items():
        assert set(conftest.pairs(again, split)) == part


def test_common_voice_is_recognized(folder, tmp_path, create):
    """The published header; the files are in clips/."""
    (tmp_path / "clips").symlink_to(folder)
    header = ("client_id", "path", "sentence_id", "sentence", "up_votes")
    lines = [("x", f, "y", f'So "{w.title()},"', "2") for f, w in rows()]
    path = table(tmp_path / "validated.tsv", [header, *lines])
    pairs = conftest.all_pairs(create(own_file.OwnFile, dataset=path))
    assert sorted(pairs) == [(n, f"so {w}") for n, w in enumerate(WORDS)]


def test_ljspeech_is_recognized(folder, tmp_path, create):
    (tmp_path / "wavs").symlink_to(folder)
    for number in range(COUNT):
        copy = folder / f"LJ001-{number:04}.wav"
        copy.write_bytes(conftest.wav_file(number))
    lines = [
        (f"LJ001-{n:04}", f'"{w}," he', f'"{w}," he')
        for n, w in enumerate(WORDS)
    ]
    path = table(tmp_path / "metadata.csv", lines, "|")
    pairs = conftest.all_pairs(create(own_file.OwnFile, dataset=path))
    assert sorted(pairs) == [(n, f"{w} he") for n, w in enumerate(WORDS)]


def test_json_lines_and_gzip_are_read(folder, create):
    entries = [{"audio_filepath": f, "text": w} for f, w in rows()]
    text = "\n".join(map(json.dumps, entries))
    path = folder / "mine.jsonl.gz"
    path.write_bytes(gzip.compress(text.encode()))
    pairs = conftest.all_pairs(create(own_file.OwnFile, dataset=str(path)))
    assert sorted(pairs) == list(enumerate(WORDS))


def test_columns_and_folder_are_options(folder, tmp_path, create):
    lines = [("7", words, "x", name) for name, words in rows()]
    data = create(
        own_file.OwnFile,
        dataset=table(tmp_path / "elsewhere.tsv", lines),
        data_dir=str(folder),
        columns="4,2",
    )
    assert sorted(conftest.all_pairs(data)) == list(enumerate(WORDS))


def test_a_column_names_the_split(folder, create):
    names = ["train", "dev", "test"]
    lines = [(f, w, names[n % 3]) for n, (f, w) in enumerate(rows())]
    header = [("file", "transcript", "split")]
    path = table(folder / "split.tsv", header + lines)
    data = create(own_file.OwnFile, dataset=path)
    numbers = [n for n, _ in conftest.pairs(data, "valid")]
    assert numbers == list(range(1, COUNT, 3))


def test_nobody_speaks_where_the_transcript_is_empty(folder, create):
    (folder / "silence.wav").write_bytes(conftest.wav_file(-1))
    path = table(folder / "silence.tsv", rows([("silence.wav", "")]))
    pairs = conftest.all_pairs(create(own_file.OwnFile, dataset=path))
    assert (-1, "") in pairs


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("../0.wav", "a"), "leads out of"),
        (("0.wav", "?!"), "'\\?!' has no letters"),
        (("0.wav", "another"), "has the transcripts 'another' and 'word aa'"),
        (("text.wav", "a"), "text.wav, 1: is a web page or XML, not a WAV"),
        (("none.wav", "a"), "none.wav, 1: has words and no samples"),
    ],
)
def test_a_bad_row_is_named_and_skipped(folder, create, row, problem):
    (folder / "text.wav").write_bytes(b"<html>")
    (folder / "none.wav").write_bytes(conftest.wav_file(0, seconds=0))
    path = table(folder / "bad.tsv", rows([row]))
    with pytest.raises(UserError, match=problem):
        create(own_file.OwnFile, dataset=path).examples("train")
    data = create(own_file.OwnFile, allowed=0.1, dataset=path)
    assert len(conftest.all_pairs(data)) >= COUNT - 1


def test_missing_files_are_counted(folder, create, capsys):
    path = table(folder / "missing.tsv", rows([("gone.wav", "a")]))
    data = create(own_file.OwnFile, dataset=path)
    assert len(conftest.all_pairs(data)) == COUNT
    data.bad_records.report()
    assert "1 missing record" in capsys.readouterr().err


def test_long_recordings_are_not_for_training(folder, create, capsys):
    long = conftest.wav_file(77, seconds=files.LONGEST + 0.01)
    (folder / "long.wav").write_bytes(long)
    header = [("file", "transcript", "split")]
    lines = [(f, w, "train") for f, w in rows()[:4]]
    lines += [("long.wav", "a", "train"), ("0.wav", WORDS[0], "train")]
    lines += [("4.wav", "a", "valid"), ("5.wav", "a", "test")]
    path = table(folder / "long.tsv", header + lines)
    data = create(own_file.OwnFile, dataset=path)
    assert 77 not in dict(conftest.pairs(data, "train"))
    message = "1 of 5 training recordings are longer than 30 s and left out"
    assert message in capsys.readouterr().err
    lines = [(f, w, s.replace("train", "test")) for f, w, s in lines]
    path = table(folder / "long_test.tsv", header + lines)
    data = create(own_file.OwnFile, dataset=path, test_file=path)
    with pytest.raises(UserError, match="of the split valid"):
        data.examples("test")
    path = table(folder / "long_test.tsv", [("long.wav", "a"), ("0.wav", "b")])
    data = create(own_file.OwnFile, dataset=path, test_file=path)
    assert dict(conftest.pairs(data, "test"))[77] == "a"


def test_only_long_recordings_are_refused(tmp_path):
    listed = files.Listed(tmp_path / "a.wav", "a")
    with pytest.raises(UserError, match="cut them into sentences"):
        files.short_enough([files.Checked(listed, "", 31.0)], "MINE.tsv")


def test_other_formats_become_wav_files(folder, tmp_path, create):
    samples = np.sin(np.arange(4000) / 9).astype("f4")
    for number in range(COUNT):
        soundfile.write(tmp_path / f"{number}.flac", samples, 16_000)
    path = table(tmp_path / "flac.tsv", rows(name="{}.flac"))
    data = create(own_file.OwnFile, dataset=path, test_file=path)
    x, _ = next(iter(data.examples("test")))
    sound = wav.decode(x["audio"])
    assert int(sound.rate) == 16_000
    np.testing.assert_allclose(sound.samples, samples, atol=1e-4)


def test_other_formats_need_a_package(tmp_path, create, monkeypatch):
    monkeypatch.delitem(sys.modules, "common.audio.formats", raising=False)
    monkeypatch.delattr("common.audio.formats", raising=False)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    (tmp_path / "0.mp3").write_bytes(b"ID3" + bytes(100))
    path = table(tmp_path / "mp3.tsv", [("0.mp3", "a")])
    with pytest.raises(UserError, match="the extra `audio`"):
        create(own_file.OwnFile, dataset=path).examples("train")
