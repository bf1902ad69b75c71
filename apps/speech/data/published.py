"""Data sets of published recordings in files of their own."""

import abc
import functools
import pathlib

from apps.speech.data import files
from apps.speech.data import recordings
from common.errors import UserError


class PublishedDataset(recordings.SpeechDataset):
    """Base class of published data sets, which are not downloaded.

    Transcripts are normalized (`transcripts.normalize`). Missing and unreadable
    files are skipped and counted; training recordings of more than 30 seconds
    are left out.

    Attributes:
      title: Name in messages.
      url: Where it is published.
    """

    title: str
    url: str

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self._files = functools.cache(self._of_split)

    @abc.abstractmethod
    def listed(self, split: str) -> list[files.Listed]:
        """Returns the files of a split, whether or not they exist."""

    @property
    def folder(self) -> pathlib.Path:
        """The folder of the options.

        Raises:
          UserError: There is none.
        """
        if not self.config.data_dir:
            raise UserError(
                f"{self.title} is not downloaded: get it at {self.url}, unpack "
                "it, and pass its folder as --data_dir."
            )
        return pathlib.Path(self.config.data_dir)

    def examples(self, split):
        return recordings.examples(files.Files(self._files(split)))

    def speakers(self, split):
        names = [file.listed.speaker for file in self._files(split)]
        return names if all(names) else None

    def _of_split(self, split):
        listed = self.listed(split)
        records = list(files.existing(listed, self.bad_records))
        if not records:
            example = f", e.g. {listed[0].path}" if listed else ""
            raise UserError(
                f"{self.folder} has none of the {len(listed):,} recordings of "
                f"the {split} split{example}: --data_dir takes {self.files}"
            )
        checked = list(self.bad_records.readable(records, files.check))
        if split != "train":
            return checked
        return files.short_enough(checked, self.name)
