"""Common Voice: sentences that volunteers read, as published."""

import functools

from apps.speech.data import files
from apps.speech.data import published
from common.data import file_names
from common.data import own_tables
from common.errors import UserError
from common.text import transcripts

FIELDS = {
    "path": (),
    "sentence": (),
    "client_id": (),
}
TABLES = {"train": "train.tsv", "valid": "dev.tsv", "test": "test.tsv"}
# cv-corpus-20.0-2024-12-06/LANGUAGE/
PLACES = ("train.tsv", "*/train.tsv", "*/*/train.tsv")


class CommonVoice(published.PublishedDataset):
    """Sentences of one language in the published splits, by speaker.

    Reference: Ardila et al., Common Voice: A Massively-Multilingual Speech
    Corpus, 2020.
    """

    name = "common_voice"
    title = "Common Voice"
    url = "https://commonvoice.mozilla.org/datasets"
    help = (
        "Sentences of one language of Common Voice (Ardila et al. 2020); its "
        "MP3 files need the extra `audio`."
    )
    license = f"Common Voice, Mozilla ({url}); CC0."
    files = (
        "the folder of one language with train.tsv, dev.tsv, test.tsv and "
        "clips/."
    )

    def listed(self, split):
        folder = self._language
        pairs = own_tables.read(
            folder / TABLES[split],
            FIELDS,
            self.bad_records,
            decode=functools.partial(_listed, folder=folder / "clips"),
        )
        return [listed for _, listed in pairs]

    @property
    def _language(self):
        """The folder of the language."""
        for place in PLACES:
            folders = [path.parent for path in sorted(self.folder.glob(place))]
            if len(folders) > 1:
                names = ", ".join(folder.name for folder in folders)
                raise UserError(
                    f"{self.folder} has several languages ({names}): pass the "
                    "folder of one as --data_dir."
                )
            if folders:
                return folders[0]
        raise UserError(
            f"{self.folder} has no train.tsv: --data_dir takes {self.files}"
        )


def _listed(cells, folder):
    """Returns the file of a row.

    Raises:
      ValueError: It names none, or has no letters.
    """
    path = file_names.path_within(folder, cells["path"])
    transcript = transcripts.normalize(cells["sentence"])
    return files.Listed(path, transcript, cells["client_id"])
