"""The captions of the sample: a small grammar, and a parser of it."""

import random
import re

from apps.captioning.data import scene
from apps.captioning.data.scene import SceneObject

CAPTIONS = 5  # Of a scene.
POSITIONS = {  # Of an object that is alone, by row and column.
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


def _any_of(words):
    """Returns a pattern that matches one of the words, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


RELATION = re.compile(_any_of(RELATIONS))
POSITION = re.compile(_any_of(POSITIONS.values()))
OBJECT = re.compile(
    "a ({}) ({}) ({})".format(
        *map(_any_of, (scene.SIZES, scene.COLORS, scene.SHAPES))
    )
)
RELATED = rf"{RELATION.pattern} {OBJECT.pattern}"
CAPTION = re.compile(
    rf"{_any_of(OPENINGS)}{OBJECT.pattern} "
    rf"(?:(?:at|in) the {POSITION.pattern}|{RELATED}(?: and {RELATED})?)"
)


def captions(objects: list[SceneObject], rng: random.Random) -> list[str]:
    """Returns five different captions of a scene."""
    # If three objects are in a row, each must be a hub once, so that the
    # captions state all three relations.
    candidates, texts = hubs(objects), {}
    while len(texts) < CAPTIONS:
        hub = candidates[len(texts) % len(candidates)]
        rest = [item for item in objects if item is not hub]
        rng.shuffle(rest)
        statement = _statement(hub, rest, rng)
        texts[rng.choice(OPENINGS) + statement] = None
    texts = list(texts)
    rng.shuffle(texts)
    return texts


def hubs(objects: list[SceneObject]) -> list[SceneObject]:
    """Returns the objects that share a row or a column with each other one."""
    return [
        hub
        for hub in objects
        if all(
            hub.row == item.row or hub.column == item.column for item in objects
        )
    ]


def _statement(hub, rest, rng):
    """Returns the hub and its relation to each other object, in words."""
    if not rest:
        position = POSITIONS[hub.row, hub.column]
        return f"{hub.name} {rng.choice(['at', 'in'])} the {position}"
    parts = [f"{_relation(hub, item)} {item.name}" for item in rest]
    return f"{hub.name} {' and '.join(parts)}"


def _relation(first, second):
    if first.row == second.row:
        return "left of" if first.column < second.column else "right of"
    return "above" if first.row < second.row else "below"


def parse(caption: str) -> tuple[tuple, frozenset] | None:
    """Returns the objects and relations of a caption.

    Returns:
      The objects, sorted: (size, color, shape), followed by the position if
      there is only one object; and the relations between them: (object,
      "left of" or "above", object). None if the caption is not of the grammar.
    """
    if not CAPTION.fullmatch(caption):
        return None
    objects = OBJECT.findall(caption)
    if len(objects) == 1:
        return ((*objects[0], *POSITION.findall(caption)),), frozenset()
    hub, *rest = objects
    relations = set()
    for second, relation in zip(rest, RELATION.findall(caption)):
        first = hub
        if relation in CONVERSE:
            first, relation, second = second, CONVERSE[relation], first
        relations.add((first, relation, second))
    return tuple(sorted(objects)), frozenset(relations)


def is_accurate(caption: str, references: list[str]) -> bool:
    """Returns whether a caption is correct and complete.

    It names each object once and no other object, and relates them by the
    grammar, with relations that the references state.

    Args:
      caption: Any text.
      references: The captions of a scene.
    """
    parsed = parse(caption)
    if parsed is None:
        return False
    expected, stated = meaning(references)
    objects, relations = parsed
    return objects == expected and relations <= stated


def meaning(captions: list[str]) -> tuple[tuple, frozenset]:
    """Returns the objects of a scene and all relations that captions state.

    Args:
      captions: Captions of one scene; see `parse`.
    """
    parsed = [parse(caption) for caption in captions]
    return parsed[0][0], frozenset().union(*(stated for _, stated in parsed))
