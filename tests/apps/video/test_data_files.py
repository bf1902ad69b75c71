"""Clips of your own, and UCF-101."""

import shutil
import sys

import numpy as np
import pytest

from apps.video.config import VideoConfig
from apps.video.data import clips
from apps.video.data import own_file
from apps.video.data import ucf101
from common.data.records import BadRecords
from common.errors import UserError
from common.video import decode
from common.video import files
from common.video import writing

CLIPS = 24  # Decoded by most tests; each split has some.


def write_clips(folder, count=CLIPS):
    """Writes clips of 6 frames, of 0.2 s each, that differ."""
    rng = np.random.default_rng(0)
    for number in range(count):
        frames = np.zeros((6, 8, 8, 3), "u1")
        frames[:] = rng.integers(0, 256, (1, 1, 1, 3), "u1")
        frames[:, 0, 0] = number
        writing.write_gif(folder / f"{number}.gif", frames, 0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    write_clips(folder)
    return folder


def dataset(path, allowed=0.0, **options):
    config = VideoConfig(dataset=str(path), image_size=8, **options)
    records = BadRecords(path.parent / "bad.csv", allowed)
    return own_file.OwnFile(config, records)


def labels_of(data):
    """Returns the labels of all clips of all splits."""
    return [
        [label.decode() for label in y["labels"].numpy()]
        for split in ("train", "valid", "test")
        for _, y in data.examples(split)
    ]


def table(folder, name, rows, header=""):
    path = folder / name
    path.write_text(header + "".join("\t".join(row) + "\n" for row in rows))
    return path


def test_a_frame_has_the_label_of_its_middle(folder):
    rows = []
    for number in range(CLIPS):
        rows.append((f"{number}.gif", "0", "0.45", "falls"))
        rows.append((f"{number}.gif", "0.55", "1.0", "lies"))
    path = table(folder, "middle.tsv", rows)
    assert (
        labels_of(dataset(path))
        == [["falls", "falls", "none", "lies", "lies", "none"]] * CLIPS
    )


def test_empty_times_are_those_of_the_clip_and_empty_labels_are_skipped(folder):
    rows = [(f"{n}.gif", "", "", "falls") for n in range(CLIPS)]
    rows += [(f"{n}.gif", "1", "", "") for n in range(CLIPS)]
    path = table(folder, "empty.tsv", rows, "File\tStart\tEnd\tLabel\n")
    assert labels_of(dataset(path)) == [["falls"] * 5 + [""]] * CLIPS


def test_columns_are_chosen_by_option(folder):
    rows = [("x", "a", f"{n}.gif", "0", "9") for n in range(CLIPS)]
    path = table(folder, "columns.tsv", rows)
    assert labels_of(dataset(path, columns="3,4,5,2")) == [["a"] * 6] * CLIPS


def test_equal_clips_are_in_the_same_split(folder, tmp_path):
    rows = []
    for number in range(CLIPS):
        content = (folder / f"{number}.gif").read_bytes()
        for name in "ab":
            (tmp_path / f"{number}{name}.gif").write_bytes(content)
            rows.append((f"{number}{name}.gif", "", "", "x"))
    data = dataset(table(tmp_path, "twice.tsv", rows))
    contents = [
        {x["video"].numpy() for x, _ in data.examples(split)}
        for split in ("train", "valid", "test")
    ]
    assert sum(map(len, contents)) == CLIPS
    assert len(set.union(*contents)) == CLIPS


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("0.gif", "two", "3", "a"), "the start 'two' is not a time"),
        (("0.gif", "0", "nan", "a"), "the end 'nan' is not a time"),
        (("0.gif", "-1", "3", "a"), "the start '-1' is not a time"),
        (("0.gif", "2", "2", "a"), "the end 2 is not after the start 2"),
        (("../0.gif", "0", "1", "a"), "leads out of"),
        (
            ("0.gif", "1200", "", "a"),
            "the row from 1200 s covers no frame of a clip of 1.2 s",
        ),
    ],
)
def test_a_bad_row_is_named(folder, row, problem):
    rows = [(f"{n}.gif", "0", "1", "a") for n in range(CLIPS)]
    path = table(folder, "bad.tsv", [*rows, row])
    with pytest.raises(UserError, match=problem):
        dataset(path).examples("train")
    assert labels_of(dataset(path, allowed=0.1))


def test_broken_and_missing_clips_are_skipped(folder, tmp_path):
    rows = [(f"{n}.gif", "0", "9", "a") for n in range(CLIPS)]
    rows += [("broken.gif", "0", "1", "a"), ("missing.gif", "0", "1", "a")]
    (folder / "broken.gif").write_bytes(b"GIF89a")
    path = table(folder, "broken.tsv", rows)
    assert len(labels_of(dataset(path, allowed=0.1))) == CLIPS
    with pytest.raises(UserError, match="broken.gif"):
        dataset(path).examples("train")


def avi(path, frames):
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuvj420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder in the layout of UCF-101, with few clips."""
    folder = tmp_path_factory.mktemp("ucf")
    lists = folder / "ucfTrainTestlist"
    lists.mkdir()
    lines = {"trainlist01.txt": [], "testlist01.txt": []}
    for number, name in enumerate(("Archery", "YoYo"), 1):
        (folder / "UCF-101" / name).mkdir(parents=True)
        for group in (1, 8, 24):
            clip = f"{name}/v_{name}_g{group:02}_c01.avi"
            frames = np.full((3 + number, 16, 16, 3), 10 * group, "u1")
            avi(folder / "UCF-101" / clip, frames)
            if group == 1:
                lines["testlist01.txt"].append(clip)
            else:
                lines["trainlist01.txt"].append(f"{clip} {number}")
    lines["trainlist01.txt"].append("YoYo/v_YoYo_g09_c01.avi 2")  # Missing.
    for name, texts in lines.items():
        (lists / name).write_text("\n".join(texts) + "\n")
    return folder


def ucf(folder, allowed=0.0):
    config = VideoConfig(dataset="ucf101", data_dir=str(folder), image_size=8)
    return ucf101.UCF101(config, BadRecords(folder / "bad.csv", allowed))


def test_ucf101_is_read_as_published(published, capsys):
    data = ucf(published)
    for split, group in {"train": 8, "valid": 24, "test": 1}.items():
        examples = list(data.examples(split))
        labels = [
            [label.decode() for label in y["labels"].numpy() if label]
            for _, y in examples
        ]
        assert labels == [["Archery"] * 4, ["YoYo"] * 5]
        content = examples[0][0]["video"].numpy()
        assert abs(int(content[-1]) - 10 * group) < 5
        groups = [f"v_{name}_g{group:02}" for name in ("Archery", "YoYo")]
        assert data.clip_groups(split) == groups
    data.bad_records.report()
    assert "1 missing record" in capsys.readouterr().err


def test_unreadable_clips_of_ucf101_are_counted(published, tmp_path):
    folder = shutil.copytree(published, tmp_path / "ucf")
    broken = folder / "UCF-101/YoYo/v_YoYo_g08_c01.avi"
    broken.write_bytes(b"<html>")
    with pytest.raises(UserError, match=f"{broken}, 1: is not a video"):
        ucf(folder).examples("train")
    data = ucf(folder, allowed=0.5)
    for split, count in {"train": 1, "valid": 2, "test": 2}.items():
        assert len(list(data.examples(split))) == count


def test_the_first_frames_of_a_clip_of_ucf101_count(published, monkeypatch):
    monkeypatch.setattr(ucf101, "MAX_FRAMES", 4)
    labels = [y["labels"].numpy() for _, y in ucf(published).examples("test")]
    assert np.array(labels).tolist() == [[b"Archery"] * 4, [b"YoYo"] * 4]


def test_ucf101_needs_pyav(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(UserError, match="the extra `video`"):
        ucf(tmp_path).examples("train")


def test_ucf101_needs_a_folder(tmp_path):
    data = ucf101.UCF101(VideoConfig(), BadRecords(tmp_path / "bad.csv", 0.0))
    with pytest.raises(UserError, match="as --data_dir"):
        data.examples("train")
    (tmp_path / "ucfTrainTestlist").mkdir()
    for name in ("trainlist01.txt", "testlist01.txt"):
        path = tmp_path / "ucfTrainTestlist" / name
        path.write_text("YoYo/v_YoYo_g09_c01.avi 2\n")
    with pytest.raises(UserError, match="None of the 1 clips"):
        ucf(tmp_path).examples("train")


def test_a_folder_of_pictures_is_a_clip(tmp_path):
    from PIL import Image

    for number in range(CLIPS):
        (tmp_path / str(number)).mkdir()
        for frame in range(2):
            picture = Image.new("RGB", (8, 8), (number, frame, 0))
            picture.save(tmp_path / str(number) / f"{frame}.png")
    rows = [(str(n), "0", "0.1", "a") for n in range(CLIPS)]
    path = table(tmp_path, "folders.tsv", rows)
    assert labels_of(dataset(path)) == [["a", "none"]] * CLIPS
    assert files.read(tmp_path / "0", 8).durations is None


def test_a_file_with_durations_is_decoded_once(tmp_path, monkeypatch):
    frames = np.arange(5, dtype="u1")[:, None, None, None]
    avi(tmp_path / "a.avi", np.broadcast_to(frames, (5, 16, 16, 3)))
    monkeypatch.setattr(decode, "read_one", None)
    _, ends = clips.read(tmp_path / "a.avi", 8)
    np.testing.assert_allclose(ends, [0.04, 0.08, 0.12, 0.16, 0.2])
