"""The options of the trials of a sweep: values of options, combined."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from common import config as config_lib
from common.config import Config
from common.errors import UsageError

EXAMPLE = '--values="units=64,128;dropout=0.1,0.3"'
Values = Mapping[str, Sequence]


def parse(config_class: type[Config], text: str) -> dict[str, list]:
    """Returns the values of each option that --values names.

    They are checked by `combinations`.

    Args:
      config_class: Declares the options and their types.
      text: Such as "units=64,128;dropout=0.1,0.3".

    Raises:
      UsageError: The text has another form.
    """
    kinds = {f.name: f.type for f in dataclasses.fields(config_class)}
    values: dict[str, list] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, equals, listed = part.partition("=")
        name = name.strip().removeprefix("--")
        if not equals or name in values:
            problem = "is named twice" if equals else "has no values"
            raise UsageError(f"--values: {name!r} {problem}: write {EXAMPLE}.")
        words = map(str.strip, listed.split(","))
        values[name] = [_typed(kinds.get(name, str), word) for word in words]
    if not values:
        raise UsageError(f"A sweep needs options with values, as in {EXAMPLE}.")
    return values


def _typed(kind: Any, word):
    """Returns the value that a word stands for; the word if there is none."""
    if kind is bool:
        return {"true": True, "false": False}.get(word.lower(), word)
    try:
        return kind(word)
    except ValueError:
        return word


def combinations(config: Config, values: Values) -> list[dict[str, Any]]:
    """Returns the options of each trial, by name.

    All combinations of the values; with `config.trials`, as many of them,
    drawn with `config.seed`. More trials include those of fewer.

    Args:
      config: The options of the sweep.
      values: The values of each option.

    Raises:
      UsageError: An option or a value cannot be used.
    """
    kinds: dict[str, Any] = {f.name: f.type for f in dataclasses.fields(config)}
    for name, listed in values.items():
        _require_usable(config, name, listed)
    options: dict[str, list] = {
        # 0 and 0.0 are the same dropout, and the same trial.
        name: list(dict.fromkeys(kinds[name](value) for value in listed))
        for name, listed in values.items()
    }
    count = math.prod(map(len, options.values()))
    return [
        _combination(options, number)
        for number in _numbers(count, config.trials, config.seed)
    ]


def _require_usable(config, name, listed):
    if isinstance(listed, str) or not len(listed):
        raise UsageError(f"{name}={listed!r}: pass a list of values.")
    for value in listed:
        config_lib.require_valid(type(config), {name: value})
    fields = {field.name: field for field in dataclasses.fields(config)}
    affects = fields[name].metadata["affects"]
    if affects != "training":
        remedy = {
            "answers": "compare its values with `evaluate --split=valid`",
            "nothing": "pass it as an option of its own",
        }
        raise UsageError(
            f"{name} is not an option of training, which a sweep compares: "
            f"{remedy[affects]}."
        )


def _numbers(count, trials, seed):
    """Returns which combinations are tried."""
    if not trials or trials >= count:
        return range(count)
    draws, numbers = random.Random(seed), {}
    while len(numbers) < trials:
        numbers.setdefault(draws.randrange(count))
    return list(numbers)


def _combination(options, number):
    chosen = {}
    for name, listed in reversed(options.items()):
        number, place = divmod(number, len(listed))
        chosen[name] = listed[place]
    return {name: chosen[name] for name in options}
