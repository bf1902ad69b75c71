"""Options as flags: the words of a command line, and the page of `--help`."""

from __future__ import annotations

import dataclasses
import math
import os
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from absl import flags

from common.config import GROUPS
from common.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def parse(
    config_class: type[DataclassInstance], argv: Sequence[str]
) -> tuple[list[str], dict]:
    """Returns the words and the options of a command line.

    Raises:
      UsageError: An option is unknown, or its value is not allowed.
    """
    values = flags.FlagValues()
    fields = dataclasses.fields(config_class)
    for field in fields:
        _define_flag(field, values)
    flags.DEFINE_boolean("help", False, "", flag_values=values)
    try:
        _, *words = values(list(argv))
    except flags.Error as error:
        raise UsageError(_renamed(fields, argv) or error) from error
    names = [field.name for field in fields] + ["help"]
    given = {n: values[n].value for n in names if values[n].present}
    for name, value in given.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"--{name} must be finite, got {value}.")
        if isinstance(value, str) and not _is_utf8(value):
            raise UsageError(f"--{name}={os.fsencode(value)!r} is not UTF-8.")
    return words, given


def _is_utf8(text):
    try:
        text.encode()
    except UnicodeEncodeError:  # A surrogate stands for another byte.
        return False
    return True


def _renamed(fields, argv):
    """Returns the message for a flag that has a new name, or None."""
    used = {word.lstrip("-").partition("=")[0] for word in argv}
    for field in fields:
        if field.metadata["former_name"] in used:
            former = field.metadata["former_name"]
            return f"--{former} is now called --{field.name}."
    return None


def _define_flag(field, values):
    define, limits = {
        bool: (flags.DEFINE_boolean, {}),
        int: (flags.DEFINE_integer, field.metadata["bounds"]),
        float: (flags.DEFINE_float, field.metadata["bounds"]),
        str: (flags.DEFINE_string, {}),
    }[field.type]
    if field.metadata["choices"]:
        define = flags.DEFINE_enum
        limits = {"enum_values": field.metadata["choices"]}
    define(
        field.name,
        field.default,
        help=field.metadata["help"],
        flag_values=values,
        **limits,
    )


def help_text(config_class: type[DataclassInstance]) -> str:
    """Returns a paragraph for each option, by group."""
    paragraphs = []
    for group in GROUPS:
        fields = [
            field
            for field in dataclasses.fields(config_class)
            if field.metadata["group"] == group
        ]
        if fields:
            paragraphs.append(f"{group}:")
            paragraphs += map(_help_paragraph, fields)
            paragraphs.append("")
    return "\n".join(paragraphs)


def _help_paragraph(field):
    text = field.metadata["help"]
    if field.metadata["choices"]:
        text += f" One of {', '.join(field.metadata['choices'])}."
    head = f"  --{field.name}={field.default}"
    if field.type is bool:
        head = f"  --{field.name}"
        if field.default:
            text += f" On by default; --no{field.name} turns it off."
    return f"{head}\n{textwrap.indent(textwrap.fill(text, 72), ' ' * 6)}"
