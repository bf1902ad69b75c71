"""What an export says of itself: its page, its scores, its model card."""

import dataclasses
import json
import pathlib
from typing import Any

from common import files
from common.errors import UserError

FOLDER = "assets.extra"
# The fields of metrics.json that the page shows.
SCORES = {
    "dataset": str,
    "split": str,
    "examples": int,
    "primary_metric": str,
    "metrics": dict[str, float],
    "interval": dict[str, list[float]],
    "baselines": dict[str, dict[str, float]],
    "best_baseline": str,
    "better_than_baseline": bool,
    "gain": list[float],
}


@dataclasses.dataclass(frozen=True)
class ExportedTexts:
    """The texts beside a SavedModel; empty where it has none.

    Attributes:
      page: The description of its page; see `common.page.page`.
      scores: Fields of its evaluation; see `SCORES`.
      card: Its model card, in Markdown.
    """

    page: dict[str, Any]
    scores: dict[str, Any]
    card: str

    @classmethod
    def read(cls, version: pathlib.Path) -> "ExportedTexts":
        """Reads the texts of a version.

        A file that is broken, or of another program, counts as absent: the
        model answers all the same.
        """
        folder = version / FOLDER
        metrics = _read_json(folder / "metrics.json")
        is_complete = all(
            name in metrics and files.conforms(metrics[name], hint)
            for name, hint in SCORES.items()
        )
        return cls(
            _read_json(folder / "page.json"),
            {name: metrics[name] for name in SCORES} if is_complete else {},
            _read_text(folder / "MODEL_CARD.md"),
        )

    @property
    def title(self) -> str:
        """The title of its page."""
        title = self.page.get("title", "")
        return title if isinstance(title, str) else ""


def _read_json(path):
    """Returns the object in a file; empty if it has none."""
    try:
        values = files.read_json(path)
        json.dumps(values, allow_nan=False)  # Browsers do not read NaN.
    except (OSError, UserError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _read_text(path):
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
