"""Synthetic stories: people move, take, drop and give things in a small world.

In the manner of bAbI (Weston et al. 2015), and of our own making: a world is
simulated, what happens is told in a few wordings, and the question asks for
what the simulator knows. The sentences of a story decide on its split, so that
no story is in two.
"""

import hashlib
import random

from apps.qa.stories import Question
from apps.qa.world import World

SPLITS = {0: "valid", 1: "test", 2: "test"}  # Of ten; the rest is training.


def questions(
    count: int, split: str, tasks: tuple[int, ...]
) -> list[tuple[int, Question]]:
    """Returns `count` questions of a split, each with its task.

    Args:
      count: how many, the same number of each task but for a remainder.
      split: "train", "valid" or "test".
      tasks: keys of `TASKS`.
    """
    rng = random.Random(f"qa {split}")
    found = []
    while len(found) < count:
        task = tasks[len(found) % len(tasks)]
        world = World(rng, _EVENTS[task])
        for _ in range(rng.randint(3, 7)):
            world.go_on()
        question = TASKS[task](world, rng)
        if question and _split(question) == split:
            found.append((task, question))
    return found


def _split(question):
    told = hashlib.sha256("\n".join(question.story).encode()).digest()
    return SPLITS.get(told[0] % 10, "train")


def _ask(world, question, answer, *facts):
    """Returns a question on what a world has told."""
    numbers = sorted({number for fact in facts for number in fact.support})
    support = tuple(world.told[number] for number in numbers)
    return Question(tuple(world.told), question, answer, support)


def _one_fact(world, rng):
    """Where a person is."""
    known = sorted(world.place)
    if not known:
        return None
    person = rng.choice(known)
    fact = world.place[person]
    return _ask(world, f"Where is {person}?", fact.value, fact)


def _two_facts(world, rng):
    """Where a thing is: who has it, and where that person is."""
    moved = [t for t, trail in world.trail.items() if trail]
    if not moved:
        return None
    thing = rng.choice(moved)
    fact = world.trail[thing][-1]
    return _ask(world, f"Where is the {thing}?", fact.value, fact)


def _three_facts(world, rng):
    """Where a thing was before: who took it, and two places."""
    carried = [
        t
        for t, trail in world.trail.items()
        if len(trail) > 1
        and trail[-1].value not in {fact.value for fact in trail[:-1]}
    ]
    if not carried:
        return None
    thing = rng.choice(carried)
    before, now = world.trail[thing][-2:]
    question = f"Where was the {thing} before the {now.value}?"
    return _ask(world, question, before.value, before, now)


def _yes_or_no(world, rng):
    """Whether a person is at a place, about half of the time."""
    known = sorted(world.place)
    if not known:
        return None
    person = rng.choice(known)
    fact = world.place[person]
    others = sorted({f.value for f in world.place.values()} - {fact.value})
    place = rng.choice([fact.value, rng.choice(others or ["garden"])])
    answer = "yes" if place == fact.value else "no"
    return _ask(world, f"Is {person} in the {place}?", answer, fact)


def _holding(world, rng):
    """Returns a person and what they hold; only now and then, it is nothing."""
    person = rng.choice(sorted(world.place) or [""])
    held = world.held(person)
    if person and (held or rng.random() < 0.2):
        return person, held
    return None


def _counting(world, rng):
    """How many things a person holds."""
    if not (found := _holding(world, rng)):
        return None
    person, held = found
    answer = ("none", "one", "two", "three")[len(held)]
    question = f"How many things does {person} hold?"
    return _ask(world, question, answer, *[world.holder[t] for t in held])


def _list(world, rng):
    """Which things a person holds."""
    if not (found := _holding(world, rng)):
        return None
    person, held = found
    question, answer = f"What does {person} hold?", ",".join(held) or "nothing"
    return _ask(world, question, answer, *[world.holder[t] for t in held])


def _negation(world, rng):
    """Whether a person is at a place, who may be said not to be there."""
    known = sorted({**world.place, **world.absent})
    if not known:
        return None
    person = rng.choice(known)
    denied = world.absent.get(person)
    fact = denied or world.place[person]
    question = f"Is {person} in the {fact.value}?"
    return _ask(world, question, "no" if denied else "yes", fact)


def _giving(world, rng):
    """Who holds a thing."""
    held = sorted(world.holder)
    if not held:
        return None
    thing = rng.choice(held)
    fact = world.holder[thing]
    return _ask(world, f"Who holds the {thing}?", fact.value, fact)


TASKS = {
    1: _one_fact,
    2: _two_facts,
    3: _three_facts,
    4: _yes_or_no,
    5: _counting,
    6: _list,
    7: _negation,
    8: _giving,
}
_BUSY = ("move", "move", "take", "drop", "give", "give")
_EVENTS = dict.fromkeys(TASKS, _BUSY) | {
    3: ("move", "move", "take", "drop"),
    7: ("move", "deny"),
}
