"""The Free Spoken Digit Dataset: splits, and digits that are connected."""

import collections
import itertools
import tarfile

import numpy as np
import pytest

from apps.speech.data import connected
from apps.speech.data import fsdd
from common.audio import writing
from common.errors import UsageError
from common.errors import UserError

SPEAKERS = ("anna", "bob")
RATE = fsdd.RATE


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Digits of two speakers; all samples of a recording are its number."""
    folder = tmp_path_factory.mktemp("fsdd") / "free-spoken-digit-dataset"
    (folder / "recordings").mkdir(parents=True)
    (folder / "README.md").write_text("x")
    for digit, name, index in itertools.product(range(2), SPEAKERS, (0, 9, 45)):
        samples = np.full(400, 1 + value(digit, name, index), "i2")
        path = folder / "recordings" / f"{digit}_{name}_{index}.wav"
        path.write_bytes(writing.wav_file(samples, RATE))
    return folder


def value(digit, name, index):
    return 1000 * digit + 100 * SPEAKERS.index(name) + index


@pytest.fixture
def small(monkeypatch):
    """Few recordings, which are connected without noise."""
    monkeypatch.setattr(fsdd, "CONNECTED", {"train": 9, "valid": 6, "test": 7})
    monkeypatch.setattr(fsdd, "WORDLESS", {"train": 2, "valid": 1, "test": 0})
    monkeypatch.setattr(connected, "NOISY", 0)
    monkeypatch.setattr(connected, "FLOOR", (-200, -200))
    monkeypatch.setattr(connected, "OVERLAPPING", 0)


def read(create, folder, split, **options):
    """Returns pairs of samples and transcript."""
    data = create(
        fsdd.FSDD, dataset="fsdd", data_dir=str(folder), **options
    ).examples(split)
    return [
        (fsdd.samples(x["audio"].numpy()), y["transcript"].numpy().decode())
        for x, y in data
    ]


def numbers(pairs):
    """Returns the recordings that the examples with words consist of."""
    return {int(n) - 1 for samples, text in pairs if text for n in samples if n}


@pytest.mark.usefixtures("small")
def test_the_published_split_is_by_index(folder, create):
    for split, index in {"train": 9, "valid": 45, "test": 0}.items():
        pairs = read(create, folder, split)
        expected = itertools.product(range(2), SPEAKERS, [index])
        assert numbers(pairs) == {value(*digit) for digit in expected}
        counts = [len(text.split()) for _, text in pairs]
        assert counts.count(1) == 4
        assert counts.count(0) == fsdd.WORDLESS[split]
        assert (
            len(counts) - counts.count(1) - counts.count(0)
            == (fsdd.CONNECTED[split])
        )
        assert set(counts) <= set(range(8))


@pytest.mark.usefixtures("small")
def test_a_speaker_is_left_out(folder, create):
    options = {"test_speaker": "bob"}
    expected = {"train": ("anna", [0, 9]), "valid": ("anna", [45])}
    expected["test"] = ("bob", [0, 9, 45])
    for split, (name, indices) in expected.items():
        pairs = read(create, folder, split, **options)
        digits = itertools.product(range(2), [name], indices)
        assert numbers(pairs) == {value(*digit) for digit in digits}


@pytest.mark.usefixtures("small")
def test_the_transcript_has_the_digits_in_order(folder, create):
    for samples, text in read(create, folder, "train"):
        if text:
            starts = samples[np.diff(samples, prepend=0) != 0]
            digits = [fsdd.DIGITS[n // 1000] for n in starts if n]
            merged = [key for key, _ in itertools.groupby(text.split())]
            assert [key for key, _ in itertools.groupby(digits)] == merged


@pytest.mark.usefixtures("small")
def test_connected_digits_are_of_one_speaker(folder, create):
    for samples, text in read(create, folder, "train"):
        if text:
            speakers = {int(n) // 100 % 10 for n in samples if n}
            assert len(speakers) == 1


@pytest.mark.usefixtures("small")
def test_examples_are_the_same_each_time_and_differ(folder, create):
    first, again = (read(create, folder, "train") for _ in range(2))
    for (samples, text), (same, words) in zip(first, again, strict=True):
        np.testing.assert_array_equal(samples, same)
        assert text == words
    assert len({samples.tobytes() for samples, _ in first}) == len(first)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", ["recordings", "parent", "archive", "nested"])
def test_folders_and_archives_are_read(folder, tmp_path, create, kind):
    if kind == "recordings":
        place = folder / "recordings"
    elif kind == "parent":
        place = folder.parent
    else:
        place = tmp_path / "free-spoken-digit-dataset-master.tar.gz"
        with tarfile.open(place, "w:gz") as archive:
            archive.add(folder, "free-spoken-digit-dataset-master")
        place = place if kind == "archive" else tmp_path
    expected = read(create, folder, "test")
    actual = read(create, place, "test")
    assert [text for _, text in actual] == [text for _, text in expected]


def test_unknown_speakers_are_refused_with_the_known_ones(folder, create):
    with pytest.raises(UsageError, match="test_speaker=eve: .* anna, bob"):
        read(create, folder, "test", test_speaker="eve")


def test_the_folder_is_required(tmp_path, create):
    with pytest.raises(UserError, match="as --data_dir"):
        create(fsdd.FSDD, dataset="fsdd").examples("train")
    with pytest.raises(UserError, match="has no recordings such as"):
        read(create, tmp_path, "train")


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("content", [b"", b"<html>", b"RIFF\0\0\0\0WAVE"])
def test_an_unreadable_recording_is_named(folder, tmp_path, create, content):
    for path in (folder / "recordings").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "1_anna_9.wav").write_bytes(content)
    with pytest.raises(UserError, match="1_anna_9.wav, 1: is not a WAV file"):
        read(create, tmp_path, "train")
    data = create(fsdd.FSDD, allowed=0.1, data_dir=str(tmp_path))
    assert len(list(data.examples("train"))) == 3 + 9 + 2


def test_another_rate_is_refused():
    content = writing.wav_file(np.ones(10, "i2"), 16_000)
    with pytest.raises(ValueError, match="16 bits at 8,000 Hz"):
        fsdd.samples(content)


@pytest.fixture
def parts(monkeypatch):
    """Connects two words without an edge, a thousand times."""
    monkeypatch.setattr(connected, "EDGE_SHARE", 0)
    words = [np.full(n, 1000, "i2") for n in (800, 2400)]
    rng = np.random.default_rng(0)
    return [connected.connect(words, RATE, rng) for _ in range(1000)]


def test_gaps_are_up_to_200_ms_and_overlaps_up_to_a_quarter(parts):
    gaps = (np.array([len(part) for part in parts]) - 3200) / RATE
    assert 0.1 < np.mean(gaps < 0) < 0.2
    assert gaps.min() > -0.25 * 800 / RATE - 1e-6
    assert 0.19 < gaps.max() <= 0.2


def test_the_loudness_of_words_is_kept_and_noise_is_below(parts):
    deviations = []
    for part in parts:
        word = part[-2000:].astype(float)
        assert word.mean() == pytest.approx(1000, rel=0.15)
        deviations.append(np.std(word))
    quiet = sum(d < 60 for d in deviations)  # 24 dB and more below.
    assert 600 < quiet < 900
    assert max(deviations) < 400


def test_overlapping_words_are_added(monkeypatch):
    monkeypatch.setattr(connected, "OVERLAPPING", 1)
    monkeypatch.setattr(connected, "EDGE_SHARE", 0)
    monkeypatch.setattr(connected, "NOISY", 0)
    monkeypatch.setattr(connected, "FLOOR", (-200, -200))
    rng = np.random.default_rng(0)
    words = [np.full(800, n, "i2") for n in (100, 1000, 10)]
    values = set()
    for _ in range(20):
        values |= set(connected.connect(words, RATE, rng).tolist())
    assert values == {100, 1000, 10, 1100, 1010}


def test_half_of_the_edges_have_no_pause(monkeypatch):
    monkeypatch.setattr(connected, "NOISY", 0)
    monkeypatch.setattr(connected, "FLOOR", (-200, -200))
    rng = np.random.default_rng(0)
    counts = collections.Counter()
    for _ in range(300):
        samples = connected.connect([np.ones(100, "i2")], RATE, rng)
        places = np.flatnonzero(samples)
        edges = places[0] / RATE, (len(samples) - 1 - places[-1]) / RATE
        counts[tuple(edge > 0 for edge in edges)] += 1
        assert all(edge == 0 or 0.0999 < edge < 0.4 for edge in edges)
    assert all(45 < count < 105 for count in counts.values())
    assert len(counts) == 4


@pytest.mark.real_data
def test_the_published_recordings_are_read(public_data, create):
    folder = str(public_data("free-spoken-digit-dataset"))
    data = create(fsdd.FSDD, data_dir=folder)
    counts = {split: len(part) for split, part in data._splits.items()}
    assert counts == {"train": 2400, "valid": 300, "test": 300}
    assert len({digit[:3] for part in data._splits.values() for digit in part})
    with pytest.raises(
        UsageError, match="george, jackson, lucas, nicolas, theo, yweweler"
    ):
        create(fsdd.FSDD, data_dir=folder, test_speaker="Theo").examples("test")
    theo = create(fsdd.FSDD, data_dir=folder, test_speaker="theo")
    assert {digit.speaker for digit in theo._splits["test"]} == {"theo"}
    assert len(theo._splits["test"]) == 500
    examples = theo.examples("test")
    assert int(examples.cardinality()) == 500 + fsdd.CONNECTED["test"]
    texts = [y["transcript"].numpy().decode() for _, y in examples.take(20)]
    assert set(" ".join(texts).split()) <= set(fsdd.DIGITS)
