"""Recordings of your own, and a table of their transcripts."""

import functools

from apps.speech.data import files
from apps.speech.data import recordings
from common.data import file_names
from common.data import own_splits
from common.data import own_tables
from common.data import tables
from common.text import transcripts

FIELDS = {
    "file": (
        *("path", "audio", "wav", "filename", "file_name", "clip", "recording"),
        *("audio_file", "audio_filepath", "wav_filename"),
    ),
    "transcript": (
        *("sentence", "text", "transcription", "normalized", "words"),
        *("normalized_text", "raw_transcription"),
    ),
}
# Where Common Voice and LJSpeech have the files that their tables name.
FOLDERS = ("", "clips", "wavs")
ENDINGS = ("", ".wav", ".flac", ".mp3")


class OwnFile(recordings.SpeechDataset):
    """A table with a file and its transcript; see `transcripts.normalize`.

    Split 80/10/10 by the content of the files, so that two files with the same
    content are in the same split. Training recordings of more than 30 seconds
    are left out.
    """

    name = "MINE.tsv"
    help = (
        "Your own recordings: rows file<TAB>transcript (.tsv, .csv, .jsonl, "
        "also .gz); an empty transcript if nobody speaks. Files are WAV or, "
        "with the extra `audio`, FLAC, MP3, OGG, AIFF."
    )
    license = "files of the user's own."
    files = (
        "the recordings, if they are not in the folder of the table, nor in "
        "clips/ or wavs/ there; the names in it are relative."
    )

    @classmethod
    def matches(cls, value):
        return tables.is_table(value)

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config, self._read, lambda file: file.digest, "recordings"
        )
        self._files = functools.cache(self._of_split)

    def examples(self, split):
        return recordings.examples(files.Files(self._files(split)))

    def _of_split(self, split):
        checked = self.splits.examples(split)
        if split != "train":
            return checked
        return files.short_enough(checked, self.config.dataset)

    def _read(self, table):
        """Yields splits, and checked files."""
        split_of, texts_of = own_tables.grouped(
            own_tables.read_listed(
                table, FIELDS, self.config, self.bad_records, _row
            )
        )
        listed = (files.Listed(path, texts) for path, texts in texts_of.items())
        records = files.existing(listed, self.bad_records)
        for checked in self.bad_records.readable(records, _checked):
            yield split_of[checked.listed.path], checked


def _row(cells, folder):
    """Returns the path of a recording, and its transcript.

    Raises:
      ValueError: The name is not that of a file, or the transcript has no
        letters.
    """
    path = file_names.path_within(folder, cells["file"])
    candidates = (
        file_names.path_within(folder / inner, cells["file"] + ending)
        for ending in ENDINGS
        for inner in FOLDERS
    )
    existing = (candidate for candidate in candidates if candidate.is_file())
    text = transcripts.normalize(cells["transcript"])
    return next(existing, path), text


def _checked(listed):
    """Returns a checked file.

    Raises:
      ValueError: It cannot be read, or its rows have different transcripts.
    """
    texts = sorted(set(listed.transcript))
    if len(texts) > 1:
        raise ValueError(f"has the transcripts {texts[0]!r} and {texts[1]!r}")
    return files.check(listed._replace(transcript=texts[0]))
