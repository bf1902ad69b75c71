"""Synthetic images of one to three shapes, and five captions of each.

Shapes of some size and colour lie on a grid of three by three, on a ground
with noise; no two have the same colour. To name the colours in sight is not
enough: a caption says which size and colour belongs to which shape, and which
shape is left of, right of, above or below which, and may begin with any of
them. Objects that a caption relates share a row or a column; the five captions
together relate all that do, so that what is true of the image can be read from
them alone.
"""

import random
import re

from apps.captioning import drawing

CAPTIONS = 5  # Of a scene.
POSITIONS = {  # Of what is alone.
    (0, 0): "top left",
    (0, 1): "top center",
    (0, 2): "top right",
    (1, 0): "center left",
    (1, 1): "center",
    (1, 2): "center right",
    (2, 0): "bottom left",
    (2, 1): "bottom center",
    (2, 2): "bottom right",
}
OPENINGS = ("", "there is ", "we see ")
RELATIONS = ("left of", "right of", "above", "below")
CONVERSE = {"right of": "left of", "below": "above"}


def _any(words):
    """Returns a pattern that matches the longest of some words."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


RELATION = re.compile(_any(RELATIONS))
POSITION = re.compile(_any(POSITIONS.values()))
THING = re.compile(
    "a ({}) ({}) ({})".format(
        *map(_any, (drawing.SIZES, drawing.COLOURS, drawing.SHAPES))
    )
)
TO = rf"{RELATION.pattern} {THING.pattern}"
CAPTION = re.compile(
    rf"{_any(OPENINGS)}{THING.pattern} "
    rf"(?:(?:at|in) the {POSITION.pattern}|{TO}(?: and {TO})?)"
)


def scenes(count: int, seed: str) -> list[tuple[bytes, list[str]]]:
    """Returns `count` scenes: a PNG file, and five captions that differ."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        things = _things(rng)
        captions = _captions(things, rng)
        found.append((drawing.draw(things, rng), captions))
    return found


def facts(caption: str) -> tuple[tuple, frozenset] | None:
    """Returns what a caption says, or None if it is not of this grammar.

    Returns:
      The objects, sorted: (size, colour, shape), and the position behind them
      if there is only one; and the relations between them: (object,
      "left of" or "above", object).
    """
    if not CAPTION.fullmatch(caption):
        return None
    things = THING.findall(caption)
    if len(things) == 1:
        return ((*things[0], *POSITION.findall(caption)),), frozenset()
    relations, (first, *others) = set(), things
    for other, relation in zip(others, RELATION.findall(caption)):
        one = first
        if relation in CONVERSE:
            one, relation, other = other, CONVERSE[relation], one
        relations.add((one, relation, other))
    return tuple(sorted(things)), frozenset(relations)


def accurate(caption: str, references: list[str]) -> bool:
    """Returns whether a caption is right and complete.

    It names each object once and no other, and relates them, by the grammar,
    to one another, as some of the references do.

    Args:
      caption: any text.
      references: the captions of one scene.
    """
    found = facts(caption)
    if found is None:
        return False
    told = [facts(reference) for reference in references]
    true = frozenset().union(*(relations for _, relations in told))
    return found[0] == told[0][0] and found[1] <= true


def _things(rng):
    """Returns objects of different colours, one of them in line with all."""
    count = rng.choice([1, 2, 3])
    sizes, shapes = list(drawing.SIZES), list(drawing.SHAPES)
    looks = [
        (rng.choice(sizes), colour, rng.choice(shapes))
        for colour in rng.sample(list(drawing.COLOURS), count)
    ]
    while True:
        cells = rng.sample(list(POSITIONS), count)
        things = [
            drawing.Thing(*look, *cell) for look, cell in zip(looks, cells)
        ]
        if _hubs(things):
            return things


def _hubs(things):
    """Returns the objects that share a row or a column with each other one."""
    return [
        thing
        for thing in things
        if all(
            thing.row == other.row or thing.column == other.column
            for other in things
        )
    ]


def _captions(things, rng):
    # If three objects lie in a row, each must be a hub once, so that all
    # three relations are said.
    hubs, captions = _hubs(things), {}
    while len(captions) < CAPTIONS:
        hub = hubs[len(captions) % len(hubs)]
        others = [thing for thing in things if thing is not hub]
        rng.shuffle(others)
        said = _said(hub, others, rng)
        captions[rng.choice(OPENINGS) + said] = None
    captions = list(captions)
    rng.shuffle(captions)
    return captions


def _said(hub, others, rng):
    """Returns the hub and how it lies to each other object, in words."""
    if not others:
        place = POSITIONS[hub.row, hub.column]
        return f"{_name(hub)} {rng.choice(['at', 'in'])} the {place}"

    parts = [f"{_relation(hub, other)} {_name(other)}" for other in others]
    return f"{_name(hub)} {' and '.join(parts)}"


def _name(thing):
    return f"a {thing.size} {thing.colour} {thing.shape}"


def _relation(one, other):
    if one.row == other.row:
        return "left of" if one.column < other.column else "right of"
    return "above" if one.row < other.row else "below"
