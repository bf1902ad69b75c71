"""LJSpeech: one English speaker, as published."""

import functools

from apps.speech.data import files
from apps.speech.data import published
from common.data import file_names
from common.data import splits
from common.data import text_files
from common.text import transcripts

TABLE = "metadata.csv"  # Rows ID|TEXT|NORMALIZED TEXT, without quoting.
FOLDERS = ("", "LJSpeech-1.1")


class LJSpeech(published.PublishedDataset):
    """13,100 sentences by one speaker.

    It has no published split; it is divided 80/10/10 by the transcript. Of the
    texts, those with numbers spelled out are read.

    Reference: Ito & Johnson, The LJ Speech Dataset, 2017.
    """

    name = "ljspeech"
    title = "The LJ Speech Dataset"
    url = "https://keithito.com/LJ-Speech-Dataset/"
    help = "The 13,100 English sentences of Ito & Johnson 2017, one speaker."
    languages = ("en",)
    license = f"The LJ Speech Dataset, Ito & Johnson 2017 ({url}); public."
    files = "LJSpeech-1.1/ with metadata.csv and wavs/, unpacked."

    def listed(self, split):
        return self._listed[split]

    @functools.cached_property
    def _listed(self):
        """The files of each split."""
        folders = [self.folder / name for name in FOLDERS]
        path = next(
            (f / TABLE for f in folders if (f / TABLE).is_file()),
            folders[0] / TABLE,
        )
        lines = text_files.lines(text_files.read(path))
        records = [
            (str(path), number, line)
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
        decode = functools.partial(_row, folder=path.parent / "wavs")
        listed = self.bad_records.readable(records, decode)
        return splits.divided(listed, lambda file: file.transcript)


def _row(line, folder):
    """Returns the file of a row.

    Raises:
      ValueError: The row does not have three cells.
    """
    cells = line.split("|")
    if len(cells) != 3:
        raise ValueError(f"{line[:60]!r} is not ID|TEXT|NORMALIZED TEXT")
    path = file_names.path_within(folder, f"{cells[0]}.wav")
    return files.Listed(path, transcripts.normalize(cells[2] or cells[1]))
