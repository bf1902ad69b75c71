"""Dates in tables of prices, as exports write them."""

from __future__ import annotations

import datetime
import pathlib
import re
from collections.abc import Sequence

from common.errors import UserError

YEARS = range(1600, 2201)
MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)

_TIME = (
    r"(?:(?:[T ]|, ?)\s*(?P<time>\d{1,2}:\d\d.*|\d{4}|\d{6}))?"
    r"(?:\s*(?:Z|UTC|GMT))?"
)
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_FORMS = [
    re.compile(form + _TIME)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
        r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d\d)",
        rf"(?P<day>\d{{1,2}})[- /]{_MONTH},?[- /](?P<year>\d{{4}}|\d\d)",
        rf"{_MONTH}[- ](?P<day>\d{{1,2}}),?[- ](?P<year>\d{{4}})",
    )
]
# Whether the day or the month is first depends on the file.
_TWO_NUMBERS = re.compile(
    r"(?P<first>\d{1,2})[/-](?P<second>\d{1,2})[/-](?P<year>\d{4}|\d\d)" + _TIME
)
_SECONDS = re.compile(r"(\d{10})(\d{3})?(\.\d*)?")  # Since 1970-01-01.

Day = tuple[datetime.date, str]


def read(
    cells: Sequence[tuple[int, str]], path: pathlib.Path, date_format: str = ""
) -> list[Day]:
    """Returns the day, and the time of the day as text, of each cell.

    Whether 02/01/2024 is in January or in February follows from the other
    dates of the file.

    Args:
      cells: Numbers of lines, and the text there.
      path: The file, for messages.
      date_format: See `datetime.datetime.strptime`; if empty, it is recognized.

    Raises:
      UserError: A cell is not a date, or may be two; names the line.
    """
    month_first = None
    if not date_format:
        month_first = _is_month_first(cells, path)
    return [
        _day(text, f"{path}, line {line}", date_format, month_first)
        for line, text in cells
    ]


def is_date(text: str) -> bool:
    """Returns whether a text has the form of a date."""
    return any(form.fullmatch(text) for form in (*_FORMS, _TWO_NUMBERS))


def _is_month_first(cells, path):
    """Returns None if no date depends on it."""
    line, example = 0, ""
    witnesses = {}
    for number, text in cells:
        match = _TWO_NUMBERS.fullmatch(text)
        if not match:
            continue
        line, example = line or number, example or text
        if int(match["first"]) > 12:
            witnesses.setdefault(False, (number, text))
        elif int(match["second"]) > 12:
            witnesses.setdefault(True, (number, text))
    if not example:
        return None
    if not witnesses:
        raise UserError(
            f"{path}, line {line}: {example!r} may begin with the day or with "
            "the month, and no other date of the file shows which: pass "
            "--date_format=%d/%m/%Y or --date_format=%m/%d/%Y."
        )
    if len(witnesses) == 2:
        (_, day), (line, month) = witnesses[False], witnesses[True]
        raise UserError(
            f"{path}, line {line}: {month!r} begins with the month, but "
            f"{day!r} in line {witnesses[False][0]} with the day: write all "
            "dates in one form, such as 2012-09-12."
        )
    return True in witnesses


def _day(text, where, date_format, month_first):
    try:
        if date_format:
            moment = datetime.datetime.strptime(text, date_format)
            day, time = moment.date(), str(moment.time())
        else:
            day, time = _recognized(text, month_first)
    except (ValueError, OverflowError, re.error) as error:
        remedy = "write it as 2012-09-12, or describe it with --date_format."
        if date_format:
            remedy = f"--date_format={date_format}: {error}."
        raise UserError(f"{where}: {text!r} is not a date: {remedy}") from None
    if day.year not in YEARS:
        raise UserError(
            f"{where}: {text!r} is not between the years {YEARS[0]} and "
            f"{YEARS[-1]}: correct the date, or remove the line."
        )
    return day, time


def _recognized(text, month_first):
    match = _SECONDS.fullmatch(text)
    if match:
        moment = datetime.datetime.fromtimestamp(int(match[1]), datetime.UTC)
        return moment.date(), str(moment.time())
    parts = next((m for f in _FORMS if (m := f.fullmatch(text))), None)
    if parts:
        day, month = parts["day"], parts["month"]
    else:
        parts = _TWO_NUMBERS.fullmatch(text)
        if not parts:
            raise ValueError
        day, month = parts["first"], parts["second"]
        if month_first:
            day, month = month, day
    if month.isalpha():
        month = MONTHS.index(month[:3].lower()) + 1
    year = int(parts["year"])
    if len(parts["year"]) == 2:  # As strptime does.
        year += 2000 if year < 69 else 1900
    return datetime.date(year, int(month), int(day)), parts["time"] or ""
