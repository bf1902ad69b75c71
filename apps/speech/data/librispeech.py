"""LibriSpeech: English audio books, in folders of speakers and chapters."""

import pathlib

from apps.speech.data import files
from apps.speech.data import published
from common.data import text_files
from common.errors import UserError
from common.text import transcripts

SPLITS = {"train": "train-*", "valid": "dev-*", "test": "test-*"}
LISTS = "*/*/*.trans.txt"  # SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt


class LibriSpeech(published.PublishedDataset):
    """Sentences of audio books in the published splits.

    Of each split, all folders that are there are read, such as train-clean-100
    and train-other-500; move those that are not wanted elsewhere.

    Reference: Panayotov et al., Librispeech: An ASR corpus based on public
    domain audio books, 2015.
    """

    name = "librispeech"
    title = "LibriSpeech"
    url = "https://www.openslr.org/12"
    help = (
        "The English audio books of Panayotov et al. 2015: those of its "
        "folders that are there."
    )
    languages = ("en",)
    license = f"LibriSpeech, Panayotov et al. 2015 ({url}); CC BY 4.0."
    files = "LibriSpeech/ with train-*/, dev-*/ and test-*/, unpacked."

    def listed(self, split):
        root = self.folder
        if (root / "LibriSpeech").is_dir():
            root /= "LibriSpeech"
        lists = sorted(root.glob(f"{SPLITS[split]}/{LISTS}"))
        if not lists:
            raise UserError(
                f"{root} has no transcripts {SPLITS[split]}/{LISTS} for the "
                f"{split} split: --data_dir takes {self.files}"
            )
        records = [
            (str(path), number, (path, line))
            for path in lists
            for number, line in enumerate(
                text_files.lines(text_files.read(path)), 1
            )
            if line.strip()
        ]
        return list(self.bad_records.readable(records, _listed))


def _listed(record):
    """Returns the file of a line such as `84-121123-0000 GO DO YOU HEAR`.

    Raises:
      ValueError: It does not begin with a name of its chapter.
    """
    path, line = record
    name, _, text = line.partition(" ")
    chapter = path.name.removesuffix(".trans.txt")
    if not name.startswith(f"{chapter}-") or pathlib.Path(name).name != name:
        raise ValueError(f"{name[:60]!r} is not a recording of {chapter}")
    transcript = transcripts.normalize(text)
    flac, wav = (path.with_name(f"{name}{e}") for e in (".flac", ".wav"))
    speaker = chapter.partition("-")[0]
    return files.Listed(wav if wav.is_file() else flac, transcript, speaker)
