"""Stories and questions from the command line and from files."""

import pathlib
import re

from apps.qa.data import stories
from common.data import text_files
from common.errors import UserError

# The full stop belongs to the word.
TITLE = re.compile(
    r"((?i:Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Capt|Lt|Sgt|Rev|Hon|Mt|vs)|[A-HJ-Z])\."
)
ABBREVIATION = re.compile(
    r"((\w\.)+\w|etc|Jr|Sr|Inc|Ltd|Co|Corp|approx|dept|est)\.", re.IGNORECASE
)
QUESTION = re.compile(
    r"(Who|Whom|Whose|What|Where|When|Why|Which|How|Is|Are|Was|Were|Do|Does|Did"
    r"|Has|Have|Can|Will)\b"
)


def split_question(word: str) -> tuple[str, str]:
    """Returns the story, and the question, which is the last sentence."""
    *story, question = sentences(word)
    return "\n".join(story), question


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text, at least one.

    A sentence ends with a line, or with `.`, `!` or `?` before white space. No
    sentence ends after a title or an initial, and after another abbreviation
    only before a question.
    """
    parts = re.split(r"((?<=[.!?])\s+|\n+)", text.strip())
    joined = [parts[0]]
    for space, part in zip(parts[1::2], parts[2::2]):
        word = joined[-1].split()[-1] if joined[-1] else ""
        if "\n" not in space and (
            TITLE.fullmatch(word)
            or (ABBREVIATION.fullmatch(word) and not QUESTION.match(part))
        ):
            joined[-1] += space + part
        else:
            joined.append(part)
    return joined


def read_story(path: str) -> str:
    """Returns the story of a file, one sentence per line.

    Args:
      path: The value of --story; empty for no file and no story.

    Raises:
      UserError: The file cannot be read, or is not a story.
    """
    if not path:
        return ""
    try:
        text = text_files.read(pathlib.Path(path))
        return "\n".join(stories.parse_sentences(text))
    except (UserError, ValueError) as error:
        raise UserError(f"--story={path}: {error}") from error
