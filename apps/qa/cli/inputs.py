"""Stories and questions from the command line and from files."""

import pathlib
import re

from apps.qa.data import stories
from common.errors import UserError


def split_question(word: str) -> tuple[str, str]:
    """Returns the story, and the question, which is the last sentence."""
    *story, question = re.split(r"(?<=[.!?])\s+|\n+", word.strip())
    return "\n".join(story), question


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
        content = pathlib.Path(path).read_bytes()
        return "\n".join(stories.parse_sentences(content))
    except OSError as error:
        raise UserError(
            f"--story={path} cannot be read: {error.strerror}."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"--story={path} is not UTF-8 text.") from error
    except ValueError as error:
        raise UserError(f"--story={path}: {error}.") from error
