"""Numbers in tables of prices, as exports write them."""

import math
import re
from collections.abc import Iterable

# As exports write what they do not know.
UNKNOWN = {"", "null", "nan", "none", "n/a", "#n/a", "na", "-", "--", "."}
MULTIPLES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
# Beyond, float32 and the features of the model lose their precision.
MIN_PRICE, MAX_PRICE = 1e-12, 1e12
MAX_VOLUME = 1e18

_CURRENCIES = re.compile(r"[$€£¥₹\s\u00a0\u202f']|(?:USD|EUR|GBP|JPY|INR)\b")
# 1,234,567.8 and, in India, 12,34,567.8.
_COMMAS = re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d*)?")
_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_COMMA_IS_DECIMAL = re.compile(r",(\d{1,2}|\d{4,})$|\.\d{3},|\.\d{3}\.")
_POINT_IS_DECIMAL = re.compile(r"\.(\d{1,2}|\d{4,})$|,\d{3}\.|,\d{3},")


def has_decimal_commas(cells: Iterable[str], separator: str) -> bool:
    """Returns whether the numbers of a table have commas for decimal points.

    Args:
      cells: All its numbers: 1.234 alone is one as well as the other.
      separator: Of the table. In one with semicolons, commas are decimal
        unless a number contradicts it.
    """
    with_commas = False
    sure = False
    for cell in cells:
        if cell.isdecimal():
            continue
        number, _ = _without_unit(cell)
        if _POINT_IS_DECIMAL.search(number):
            return False
        with_commas |= "," in number
        sure |= bool(_COMMA_IS_DECIMAL.search(number))
    return sure or (with_commas and separator == ";")


def parse(text: str, decimal_commas: bool = False) -> float | None:
    """Returns the number in a cell, None if it is unknown.

    Reads 1234.5, 1,234.5, $1,234.50, 1.2M and, with decimal commas,
    1.234,5.

    Raises:
      ValueError: The cell contains something else.
    """
    if text.lower() in UNKNOWN:
        return None
    if not decimal_commas:
        try:
            return float(text)
        except ValueError:
            pass
    number, multiple = _without_unit(text)
    if decimal_commas:
        if _POINTS.fullmatch(number) or "," in number:
            number = number.replace(".", "").replace(",", ".")
    elif _COMMAS.fullmatch(number):
        number = number.replace(",", "")
    return float(number) * multiple


def is_price(value: float) -> bool:
    """Returns whether a number can be a price at all."""
    return math.isfinite(value) and value > 0


def _without_unit(text):
    """Returns a number without its currency, and the factor of K, M or B."""
    number = _CURRENCIES.sub("", text)
    multiple = MULTIPLES.get(number[-1:].lower(), 1)
    return (number[:-1] if multiple > 1 else number), multiple
