"""Stories in a file of your own."""

import pathlib

from apps.qa.data import examples
from common.data import own_splits
from common.data import text_files
from common.errors import UserError


class OwnFile(examples.StoryDataset):
    """Stories in the format of bAbI; see `stories`. All are of task 0.

    Split 80/10/10 by the sentences of the story, so that no story is in two
    splits.
    """

    name = "MINE.txt"
    help = (
        "Your own stories in the format of bAbI: `1 Anna took the cup.`, "
        "`2 Who has the cup?<TAB>Anna<TAB>1`; the number 1 starts a new story."
    )
    license = "a file of the user's own."

    @classmethod
    def matches(cls, value):
        return value.endswith((".txt", ".txt.gz"))

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(
            config,
            self._read,
            lambda story: "\n".join(story[-1].story),
            "stories",
        )

    def questions(self, split):
        stories = self.splits.examples(split)
        return [(0, question) for story in stories for question in story]

    def _read(self, path):
        """Returns pairs of "" and the questions of a story."""
        text = text_files.read(
            pathlib.Path(path), self.config.encoding, self.bad_records.allowed
        )
        stories = examples.read_stories(path, text, self.bad_records)
        questioned = [story for story in stories if story]
        if not questioned:
            raise UserError(
                f"{path} has no question in its {len(stories):,} stories: a "
                "question is `number question<TAB>answer`, with a tab."
            )
        if len(questioned) == 1 and self.splits.missing():
            raise UserError(
                f"{path} is one story: the number 1 starts a new story, and "
                "the splits divide whole stories."
            )
        return [("", story) for story in questioned]
