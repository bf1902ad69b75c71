"""The Free Spoken Digit Dataset: isolated and connected digits."""

import functools
import io
import pathlib
import wave
from typing import NamedTuple

from apps.speech.data import recordings
from common.data import archives
from common.data import drawn
from common.errors import UsageError
from common.errors import UserError

URL = "https://github.com/Jakobovski/free-spoken-digit-dataset"
NAME = r"(?:.*/)?(\d)_([A-Za-z]+)_(\d+)\.wav"
DIGITS = (
    *("zero", "one", "two", "three", "four"),
    *("five", "six", "seven", "eight", "nine"),
)
RATE = 8000  # Samples a second.
TEST_INDICES = range(5)  # As published.
VALIDATION_INDICES = range(45, 50)  # Of those for training.
WORDS = (2, 7)  # Of a connected recording.
CONNECTED = {"train": 4000, "valid": 300, "test": 400}
WORDLESS = {"train": 200, "valid": 20, "test": 0}


class Digit(NamedTuple):
    """A published recording: a spoken digit, as the content of a WAV file."""

    speaker: str
    digit: int
    index: int
    content: bytes


class FSDD(recordings.SpeechDataset):
    """3,000 isolated digits, and connected ones that are made of them.

    The published split is by index: 0 to 4 is the test split; of the others, 45
    to 49 validate. With --test_speaker, the test split is one speaker, and the
    indices 45 to 49 of the others validate.

    Each split has its isolated recordings as they are, and connected ones of 2
    to 7 digits by one speaker (`connected.connect`), drawn with a seed and, in
    all splits, in the same way. In a few recordings of the training and the
    validation split nobody speaks.
    """

    name = "fsdd"
    help = (
        "The Free Spoken Digit Dataset: 3,000 digits by six speakers, and "
        "connected digits that are made of them."
    )
    languages = ("en",)
    license = (
        f"Free Spoken Digit Dataset, Jackson et al. ({URL}); CC BY-SA 4.0."
    )
    files = (
        "free-spoken-digit-dataset/ with recordings/, or the .zip or .tar.gz "
        "of the repository."
    )

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self._recordings = functools.cache(self._draw)

    def examples(self, split):
        return recordings.examples(self._recordings(split))

    def _draw(self, split):
        digits = self._splits[split]
        count = len(digits) + CONNECTED[split] + WORDLESS[split]
        return drawn.Drawn(draw_recordings(digits, split), count)

    @functools.cached_property
    def _splits(self):
        """The published recordings of each split."""
        digits = self._read()
        wanted = self.config.test_speaker
        names = sorted({digit.speaker for digit in digits})
        if wanted and wanted not in names:
            raise UsageError(
                f"--test_speaker={wanted}: the speakers are {', '.join(names)}."
            )
        parts = {"train": [], "valid": [], "test": []}
        for digit in digits:
            parts[_split(digit, wanted)].append(digit)
        for split, members in parts.items():
            if not members:
                raise UserError(
                    f"{self.config.data_dir} has no recordings for the {split} "
                    f"split: download all of {URL} again."
                )
        return parts

    def _read(self):
        """Returns the readable published recordings, sorted."""
        if not self.config.data_dir:
            raise UserError(
                f"The Free Spoken Digit Dataset is not downloaded: get {URL}, "
                "and pass its folder or archive as --data_dir."
            )
        path = _place(pathlib.Path(self.config.data_dir))
        records = [
            (f"{path}/{match[0]}", 1, (match, content))
            for match, content in archives.read_members(path, NAME)
        ]
        if not records:
            raise UserError(
                f"{path} has no recordings such as recordings/0_theo_0.wav: "
                f"pass the folder or archive of {URL} as --data_dir."
            )
        digits = self.bad_records.readable(records, _digit)
        # Of copies in further folders, one.
        return list({d[:3]: d for d in sorted(digits)}.values())


def _place(folder):
    """Returns the folder of recordings, or an archive of them."""
    for place in (folder, folder / "free-spoken-digit-dataset"):
        if (place / "recordings").is_dir():
            return place / "recordings"
    for ending in (".zip", ".tar.gz"):
        for archive in sorted(folder.glob(f"free-spoken-digit*{ending}")):
            return archive
    return folder


def _digit(record):
    """Returns a published recording.

    Raises:
      ValueError: It cannot be read, or is not one of 8 kHz and 16 bits.
    """
    match, content = record
    samples(content)
    digit, speaker, index = match.groups()
    return Digit(speaker, int(digit), int(index), content)


def samples(content):
    """Returns the samples of a published recording, int16 (time,).

    Raises:
      ValueError: See `_digit`.
    """
    import numpy as np

    try:
        with wave.open(io.BytesIO(content)) as file:
            form = file.getnchannels(), file.getsampwidth(), file.getframerate()
            data = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"is not a WAV file ({error})") from error
    if form != (1, 2, RATE) or len(data) < 2:
        raise ValueError(f"is not one channel of 16 bits at {RATE:,} Hz")
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2")


def _split(digit, test_speaker):
    if test_speaker:
        is_test = digit.speaker == test_speaker
    else:
        is_test = digit.index in TEST_INDICES
    if is_test:
        return "test"
    return "valid" if digit.index in VALIDATION_INDICES else "train"


def draw_recordings(digits, split):
    """Yields isolated and connected digits, and silence, in random order.

    Args:
      digits: Published recordings of a split.
      split: Its name.
    """
    import numpy as np

    from apps.speech.data import sounds
    from common.audio import writing

    rng = np.random.default_rng(list(split.encode()))
    isolated, connected = len(digits), CONNECTED[split]
    order = rng.permutation(isolated + connected + WORDLESS[split])
    speakers = sorted({digit.speaker for digit in digits})
    digits_of = {
        name: [digit for digit in digits if digit.speaker == name]
        for name in speakers
    }
    for number in order:
        if number < isolated:
            digit = digits[number]
            text = DIGITS[digit.digit]
            yield recordings.Recording(digit.content, text, digit.speaker)
        elif number < isolated + connected:
            speaker = speakers[rng.integers(len(speakers))]
            yield _connected(digits_of[speaker], rng)
        else:
            content = writing.wav_file(sounds.without_words(RATE, rng), RATE)
            yield recordings.Recording(content, "")


def _connected(digits, rng):
    """Returns some digits of a speaker, one after the other."""
    from apps.speech.data import connected
    from common.audio import writing

    count = rng.integers(WORDS[0], WORDS[1] + 1)
    chosen = [digits[i] for i in rng.integers(len(digits), size=count)]
    joined = connected.connect([samples(d.content) for d in chosen], RATE, rng)
    text = " ".join(DIGITS[digit.digit] for digit in chosen)
    content = writing.wav_file(joined, RATE)
    return recordings.Recording(content, text, digits[0].speaker)
