"""Stories in a file of your own."""

import functools
import pathlib

from apps.qa.data import examples
from common.data import archives
from common.data import splits


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
        return value.endswith(".txt")

    def questions(self, split):
        return self._questions[split]

    @functools.cached_property
    def _questions(self):
        """Pairs (0, question) by split."""
        path = self.config.dataset
        content = archives.read_file(pathlib.Path(path))
        questions = {"train": [], "valid": [], "test": []}
        for story in examples.read_stories(path, content, self.bad_records):
            if story:
                split = splits.by_hash("\n".join(story[-1].story))
                questions[split] += [(0, question) for question in story]
        return questions
