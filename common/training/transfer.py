"""Copies trained weights from one model or layer to another."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterable
from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np

from common.app_model import NamedRows


class Match(NamedTuple):
    """A variable, and whether its value was taken from the source.

    Attributes:
      path: See `by_path`.
      shape: Of the variable.
      is_taken: Whether at least a part of its values was taken.
      note: Which part, or why none; empty if all of it was taken.
    """

    path: str
    shape: tuple[int, ...]
    is_taken: bool
    note: str = ""


def copy(
    source: keras.Layer,
    target: keras.Layer,
    source_rows: Mapping[str, NamedRows] = {},
    target_rows: Mapping[str, NamedRows] = {},
) -> list[Match]:
    """Copies weights to the variables that `target` trains.

    Variables are matched by path, and taken if their shapes are equal. Of
    variables with named rows, the rows whose names both have are taken,
    wherever they are; the others keep their new values. The states of seeds
    and of optimizers are not copied.

    Args:
      source: Built; a model or a layer.
      target: Built; a model or a layer.
      source_rows: Of the source; see `VocabularyModel.named_rows`.
      target_rows: Of the target.

    Returns:
      A match for each variable of `target`.
    """
    return copy_layers([(source, target)], target, source_rows, target_rows)


def copy_layers(
    pairs: Iterable[tuple[keras.Layer, keras.Layer]],
    target: keras.Layer,
    source_rows: Mapping[str, NamedRows] = {},
    target_rows: Mapping[str, NamedRows] = {},
) -> list[Match]:
    """Copies the weights of layers to layers of `target`.

    Args:
      pairs: Each a source and the layer of `target` that takes its weights.
      target: See `copy`, as for the others.
      source_rows: Of all sources.
      target_rows: Of `target`.

    Returns:
      A match for each variable of `target`.
    """
    sources = _sources(pairs)
    names, new_names = _by_variable(source_rows), _by_variable(target_rows)
    matches = []
    for path, variable in _trained(target).items():
        shape = tuple(variable.shape)
        source = sources.get(id(variable))
        if source is None:
            matches.append(Match(path, shape, False, "not in the start"))
            continue
        value, note = _matched(
            source.numpy(),
            variable.numpy(),
            names.get(id(source)),
            new_names.get(id(variable)),
        )
        if value is not None:
            variable.assign(value)
        matches.append(Match(path, shape, value is not None, note))
    return matches


def _sources(pairs):
    """Returns the source of each variable by the id of the variable."""
    sources = {}
    for source, target in pairs:
        values = by_path(source)
        for path, variable in by_path(target).items():
            if path in values:
                sources[id(variable)] = values[path]
    return sources


def fits(matches: Iterable[Match]) -> bool:
    """Returns whether a matrix was taken: biases alone are worth nothing."""
    return any(match.is_taken and len(match.shape) > 1 for match in matches)


def lines(matches: list[Match]) -> list[str]:
    """Describes in text what was taken and what was created."""
    count = sum(match.is_taken for match in matches)
    described = [f"Taken: {count} of {len(matches)} variables."]
    for path, shape, is_taken, note in matches:
        if not is_taken:
            described.append(f"  created: {path} {shape}, {note}")
        elif note:
            described.append(f"  taken in part: {path}, {note}")
    return described


def by_path(layer: keras.Layer) -> dict[str, keras.Variable]:
    """Returns the weights of a layer by their paths below it.

    Keras numbers layers in the order in which a process creates them: here,
    equal names are numbered within the layer that contains them.
    """
    renamed: dict[str, str] = {}
    counts: collections.Counter[str] = collections.Counter()
    variables = {}
    for variable in layer.weights:
        *layers, name = variable.path.split("/")
        if layer.name in layers:
            layers = layers[layers.index(layer.name) + 1 :]
        old = new = ""
        for part in layers:
            old = f"{old}{part}/"
            if old not in renamed:
                renamed[old] = f"{_numbered(new + part, counts)}/"
            new = renamed[old]
        variables[_numbered(new + name, counts)] = variable
    return variables


def _numbered(path, counts):
    """Returns a path with the next number of its name, the first without."""
    path = re.sub(r"_[0-9]+$", "", path)
    counts[path] += 1
    return path if counts[path] == 1 else f"{path}_{counts[path] - 1}"


def _trained(layer):
    """Returns the variables that training changes, by path.

    These are the trainable ones, and statistics in the same layers, such as
    the moving mean of a batch normalization. Others are counters, or computed
    from the data of a run.
    """
    trainable = {id(variable) for variable in layer.trainable_variables}
    variables = by_path(layer)
    layers = {_parent(p) for p, v in variables.items() if id(v) in trainable}
    return {p: v for p, v in variables.items() if _parent(p) in layers}


def _parent(path):
    return path.rpartition("/")[0]


class _Names(NamedTuple):
    """The names of the rows of a variable along an axis."""

    kind: str
    axis: int
    names: list


def _by_variable(rows):
    return {
        id(variable): _Names(kind, axis, list(named.names))
        for kind, named in rows.items()
        for variable, axis in named.variables
    }


def _matched(value, new_value, names, new_names):
    """Returns the value of a variable, or None if nothing can be taken.

    Also which part was taken, or why none.

    Args:
      value: In the source.
      new_value: In the target.
      names: `_Names` of the source, or None.
      new_names: `_Names` of the target, or None.
    """
    problem = None, f"the start has {value.shape}"
    if not names or not new_names or names.kind != new_names.kind:
        return (value, "") if value.shape == new_value.shape else problem
    rows = np.moveaxis(value, names.axis, 0)
    new_rows = np.moveaxis(new_value, new_names.axis, 0)
    if rows.shape[1:] != new_rows.shape[1:]:
        return problem
    places = {name: place for place, name in enumerate(names.names)}
    common = [i for i, name in enumerate(new_names.names) if name in places]
    new_rows[common] = rows[[places[new_names.names[i]] for i in common]]
    count = f"{len(common):,} of {len(new_rows):,} {names.kind}"
    if not common:
        return None, f"the start has {count}"
    return new_value, "" if len(common) == len(new_rows) else count
