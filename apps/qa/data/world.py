"""A small simulated world of people, places and things."""

import dataclasses
import random
from collections.abc import Callable

PEOPLE = ("Anna", "Ben", "Clara", "David")
PLACES = ("attic", "cellar", "garden", "kitchen", "office")
THINGS = ("ball", "cup", "lamp")
GO = ("went to", "moved to", "walked to")
TAKE = ("took", "picked up")
DROP = ("dropped", "put down")


@dataclasses.dataclass
class Fact:
    """A value, and the numbers of the sentences from which it follows."""

    value: str
    support: tuple[int, ...]


class World:
    """Simulates random events, and describes each of them in a sentence.

    Args:
      rng: Chooses the events and the wording.
      events: Methods to choose from, e.g. `World.move`; one that is listed
        twice is chosen twice as often.

    Attributes:
      sentences: The sentences so far.
      place: Where each person is: a Fact for those who have moved.
      absent: A place where a person is not, for those with a denied place.
      holder: Who holds each thing: a Fact for those that are held.
      trail: The places of each thing so far: Facts, the present one last.
    """

    def __init__(
        self,
        rng: random.Random,
        events: tuple[Callable[["World"], bool], ...],
    ):
        self.rng, self.events = rng, events
        self.sentences = []
        self.place, self.absent, self.holder = {}, {}, {}
        self.trail = {thing: [] for thing in THINGS}

    def advance(self) -> None:
        """Simulates one event."""
        while not self.rng.choice(self.events)(self):
            pass

    def held_by(self, person: str) -> list[str]:
        """Returns the things that a person holds, in alphabetical order."""
        return [t for t in THINGS if self._holder(t) == person]

    # Each event returns whether it was possible.

    def move(self) -> bool:
        """A person goes to another place."""
        person = self.rng.choice(PEOPLE)
        old = self.place.get(person)
        places = [p for p in PLACES if old is None or p != old.value]
        place = self.rng.choice(places)
        number = self._describe(f"{person} {self.rng.choice(GO)} the {place}.")
        self.place[person] = Fact(place, (number,))
        self.absent.pop(person, None)
        for thing in self.held_by(person):
            self._carry(thing, person)
        return True

    def take(self) -> bool:
        """A person takes a thing that is at the same place, or nowhere yet."""
        person = self._person_with_place()
        free = [
            t
            for t in THINGS
            if t not in self.holder
            and (
                not self.trail[t]
                or person
                and self.trail[t][-1].value == self.place[person].value
            )
        ]
        if not person or not free:
            return False
        thing = self.rng.choice(free)
        verb = self.rng.choice(TAKE)
        number = self._describe(f"{person} {verb} the {thing}.")
        self.holder[thing] = Fact(person, (number,))
        self._carry(thing, person)
        return True

    def drop(self) -> bool:
        """A person drops a thing."""
        thing = self._held_thing()
        if not thing:
            return False
        person = self.holder.pop(thing).value
        verb = self.rng.choice(DROP)
        number = self._describe(f"{person} {verb} the {thing}.")
        last = self.trail[thing][-1]
        last.support = (number, *self.place[person].support)
        return True

    def give(self) -> bool:
        """A person gives a thing to another one at the same place."""
        thing = self._held_thing()
        if not thing:
            return False
        giver = self.holder[thing].value
        near = [
            p
            for p in PEOPLE
            if p != giver
            and p in self.place
            and self.place[p].value == self.place[giver].value
        ]
        if not near:
            return False
        taker = self.rng.choice(near)
        number = self._describe(f"{giver} gave the {thing} to {taker}.")
        self.holder[thing] = Fact(taker, (number,))
        self._carry(thing, taker)
        return True

    def deny(self) -> bool:
        """A person is said not to be at a place."""
        person = self.rng.choice(PEOPLE)
        known = self.place.pop(person, None)
        place = known.value if known else self.rng.choice(PLACES)
        number = self._describe(f"{person} is not in the {place}.")
        self.absent[person] = Fact(place, (number,))
        return True

    def _describe(self, sentence):
        """Adds a sentence, and returns its number."""
        self.sentences.append(sentence)
        return len(self.sentences) - 1

    def _carry(self, thing, person):
        """Records that a thing is at the place of the person who holds it."""
        place = self.place[person]
        support = *self.holder[thing].support, *place.support
        fact = Fact(place.value, support)
        trail = self.trail[thing]
        if trail and trail[-1].value == place.value:
            trail[-1] = fact
        else:
            trail.append(fact)

    def _holder(self, thing):
        return self.holder[thing].value if thing in self.holder else None

    def _person_with_place(self):
        """Returns a person whose place is known, or None."""
        known = [p for p in PEOPLE if p in self.place]
        return self.rng.choice(known) if known else None

    def _held_thing(self):
        held = [t for t in THINGS if t in self.holder]
        return self.rng.choice(held) if held else None
