"""How tables of prices are written."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any


@dataclasses.dataclass(frozen=True)
class Form:
    """How tables are written; what is empty is recognized.

    Attributes:
      date_column: Name of the column of dates.
      price_column: Name of the column of prices.
      date_format: See `datetime.datetime.strptime`.
      encoding: See `common.data.text_files.read`.
      covariate_names: Further columns to read.
      known_covariate_names: The same, of which the coming days are known.
    """

    date_column: str = ""
    price_column: str = ""
    date_format: str = ""
    encoding: str = ""
    covariate_names: Sequence[str] = ()
    known_covariate_names: Sequence[str] = ()

    @classmethod
    def of_options(cls, config: Any) -> Form:
        """Returns the form that the options of the app describe."""
        names = (field.name for field in dataclasses.fields(cls))
        return cls(*(getattr(config, name) for name in names))
