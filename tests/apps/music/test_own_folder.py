"""A folder of MIDI files: splits, voices, long and unreadable files."""

import dataclasses

import numpy as np
import pytest

from apps.music import data
from apps.music.data import own_folder
from common.config import Config
from common.data import dataset as dataset_lib
from common.data.records import BadRecords
from common.errors import UserError
from tests.apps.music.midi import files


def midi(*voices):
    """Returns a file of tracks of quarter notes by their pitches."""
    tracks = []
    for channel, pitches in enumerate(voices):
        events = b"".join(
            bytes([0, 0x90 + channel, pitch, 80, 0x83, 0x60])
            + bytes([0x80 + channel, pitch, 0])
            for pitch in pitches
        )
        tracks.append(files.track(events + files.END))
    return files.header(count=len(tracks)) + b"".join(tracks)


def melody(number):
    return midi([60 + number % 12, 60 + number // 12])


def fill(folder, contents):
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MusicConfig(Config):
    network: str = "keys"
    frames_per_beat: int = 4


def dataset_of(folder, network="keys", allowed=0.0, **options):
    config = MusicConfig(dataset=str(folder), network=network, **options)
    bad_records = BadRecords(folder / "bad_records.csv", allowed)
    return dataset_lib.create(data.DATASETS, config, bad_records)


def test_files_are_divided_by_their_content(tmp_path, capsys):
    fill(tmp_path, {f"{n}.mid": melody(n) for n in range(100)})
    fill(tmp_path, {f"again/{n}.MIDI": melody(n) for n in range(100)})
    fill(tmp_path, {"again/._0.mid": b"", "again/readme.txt": b"text"})
    dataset = dataset_of(tmp_path)
    pieces = {split: dataset.pieces(split) for split in ("train", "test")}
    assert 130 < len(pieces["train"]) < 180
    assert len(pieces["test"]) > 4
    contents = {
        split: {piece.tobytes() for piece in members}
        for split, members in pieces.items()
    }
    assert not contents["train"] & contents["test"]
    assert "files: train" in capsys.readouterr().err
    x, _ = next(iter(dataset.examples("test")))
    assert x["roll"].shape == (8, 88)
    assert np.sum(x["roll"]) == 8


def test_folders_name_splits(tmp_path):
    fill(
        tmp_path,
        {
            "train/a.mid": melody(1),
            "train/deep/b.mid": melody(2),
            "Valid/c.mid": melody(3),
            "test/d.mid": melody(4),
        },
    )
    dataset = dataset_of(tmp_path)
    counts = [len(dataset.pieces(s)) for s in ("train", "valid", "test")]
    assert counts == [2, 1, 1]
    assert dataset.pieces("test")[0][0, 60 + 4 - 21] == 1


def test_each_split_may_have_a_folder(tmp_path):
    fill(tmp_path, {f"{n}/a.mid": melody(n) for n in (1, 2, 3)})
    dataset = dataset_of(
        tmp_path / "1",
        valid_file=str(tmp_path / "2"),
        test_file=str(tmp_path / "3"),
    )
    assert dataset.pieces("test")[0][0, 60 + 3 - 21] == 1


def test_unreadable_files_are_skipped_and_listed(tmp_path, capsys):
    fill(tmp_path, {f"{n:03}.mid": melody(n) for n in range(100)})
    fill(tmp_path, {"text.mid": b"no music", "empty.mid": b""})
    cut = midi([60, 62])[:-6]
    fill(tmp_path, {"cut.mid": cut})
    dataset = dataset_of(tmp_path, allowed=0.1)
    assert dataset.pieces("train")
    dataset.bad_records.report()
    listed = (tmp_path / "bad_records.csv").read_text()
    assert "text.mid" in listed
    assert "empty.mid" in listed
    assert "cut.mid" not in listed
    assert "1 of 103 files are odd" in capsys.readouterr().err
    with pytest.raises(UserError, match=r"2 of 103 records .*(text|empty).mid"):
        dataset_of(tmp_path).pieces("train")


def test_voices_are_the_tracks_of_a_file(tmp_path):
    chorale = midi([72, 74], [67, 67], [64, 62], [48, 43])
    fill(tmp_path, {"train/a.mid": chorale})
    fill(tmp_path, {"valid/a.mid": chorale, "test/a.mid": chorale})
    piece = dataset_of(tmp_path, "voices").pieces("train")[0]
    assert piece.tolist() == 4 * [[72, 67, 64, 48]] + 4 * [[74, 67, 62, 43]]
    five = midi(*([pitch, pitch] for pitch in range(60, 65)))
    fill(tmp_path, {"train/b.mid": five})
    with pytest.raises(UserError, match="5 notes at once, and four voices"):
        dataset_of(tmp_path, "voices").pieces("train")


def test_long_files_are_divided(tmp_path, monkeypatch):
    monkeypatch.setattr(own_folder, "LONGEST", 8)
    fill(tmp_path, {"train/a.mid": midi(range(60, 65))})
    fill(tmp_path, {"valid/b.mid": melody(1), "test/c.mid": melody(2)})
    pieces = dataset_of(tmp_path).pieces("train")
    assert [len(piece) for piece in pieces] == [8, 8, 4]


def test_a_folder_without_music_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no files that end in .mid or"):
        dataset_of(tmp_path).pieces("train")
