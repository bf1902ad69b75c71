"""The eight tasks of the sample: questions that the simulated world answers.

A function of `TASKS` takes a world and a random generator, and returns a
question, or None if the world does not provide one.
"""

from apps.qa.data import stories
from apps.qa.data.world import World


def _one_fact(world, rng):
    """Where a person is."""
    known = sorted(world.place)
    if not known:
        return None
    person = rng.choice(known)
    fact = world.place[person]
    return _question(world, f"Where is {person}?", fact.value, fact)


def _two_facts(world, rng):
    """Where a thing is: who has it, and where that person is."""
    moved = [t for t, trail in world.trail.items() if trail]
    if not moved:
        return None
    thing = rng.choice(moved)
    fact = world.trail[thing][-1]
    return _question(world, f"Where is the {thing}?", fact.value, fact)


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
    text = f"Where was the {thing} before the {now.value}?"
    return _question(world, text, before.value, before, now)


def _yes_or_no(world, rng):
    """Whether a person is at a place, about half of the time."""
    known = sorted(world.place)
    if not known:
        return None
    person = rng.choice(known)
    fact = world.place[person]
    elsewhere = sorted({f.value for f in world.place.values()} - {fact.value})
    place = rng.choice([fact.value, rng.choice(elsewhere or ["garden"])])
    answer = "yes" if place == fact.value else "no"
    return _question(world, f"Is {person} in the {place}?", answer, fact)


def _person_and_things(world, rng):
    """Returns a person and the things they hold; rarely none."""
    person = rng.choice(sorted(world.place) or [""])
    held = world.held_by(person)
    if person and (held or rng.random() < 0.2):
        return person, held
    return None


def _counting(world, rng):
    """How many things a person holds."""
    holding = _person_and_things(world, rng)
    if not holding:
        return None
    person, held = holding
    answer = ("none", "one", "two", "three")[len(held)]
    text = f"How many things does {person} hold?"
    return _question(world, text, answer, *[world.holder[t] for t in held])


def _list(world, rng):
    """Which things a person holds."""
    holding = _person_and_things(world, rng)
    if not holding:
        return None
    person, held = holding
    text, answer = f"What does {person} hold?", ",".join(held) or "nothing"
    return _question(world, text, answer, *[world.holder[t] for t in held])


def _negation(world, rng):
    """Whether a person is at a place, which a sentence may deny."""
    known = sorted({**world.place, **world.absent})
    if not known:
        return None
    person = rng.choice(known)
    denied = world.absent.get(person)
    fact = denied or world.place[person]
    text = f"Is {person} in the {fact.value}?"
    return _question(world, text, "no" if denied else "yes", fact)


def _giving(world, rng):
    """Who holds a thing."""
    held = sorted(world.holder)
    if not held:
        return None
    thing = rng.choice(held)
    fact = world.holder[thing]
    return _question(world, f"Who holds the {thing}?", fact.value, fact)


def _question(world, text, answer, *facts):
    """Returns a question about the sentences of a world."""
    numbers = sorted({number for fact in facts for number in fact.support})
    support = tuple(world.sentences[number] for number in numbers)
    return stories.Question(tuple(world.sentences), text, answer, support)


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
_ALL = (
    *(World.move, World.move, World.take),
    *(World.drop, World.give, World.give),
)
# The events of the stories of each task; see `World`.
EVENTS = dict.fromkeys(TASKS, _ALL) | {
    3: (World.move, World.move, World.take, World.drop),
    7: (World.move, World.deny),
}
