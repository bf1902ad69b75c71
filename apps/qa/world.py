"""A small world of people, places and things, and the tale of what happens."""

import dataclasses
import random

PEOPLE = ("Anna", "Ben", "Clara", "David")
PLACES = ("attic", "cellar", "garden", "kitchen", "office")
THINGS = ("ball", "cup", "lamp")
GO = ("went to", "moved to", "walked to")
TAKE = ("took", "picked up")
DROP = ("dropped", "put down")


@dataclasses.dataclass
class Fact:
    """Something that holds, and the sentences from which it follows."""

    value: str
    support: tuple[int, ...]


class World:
    """Tells at random what happens, and knows what holds.

    Args:
      rng: draws what happens.
      events: names of the methods to draw from, as often as they are in it.

    Attributes:
      told: the sentences until now.
      place: where each person is, a Fact; only of those who have moved.
      absent: a place where each person is not, of those of whom it was said.
      holder: who holds each thing, a Fact; only of those that are held.
      trail: the places where each thing was, Facts, the present one last.
    """

    def __init__(self, rng: random.Random, events: tuple[str, ...]):
        self.rng, self.events = rng, events
        self.told = []
        self.place, self.absent, self.holder = {}, {}, {}
        self.trail = {thing: [] for thing in THINGS}

    def go_on(self) -> None:
        """Lets something happen that can happen."""
        while not getattr(self, self.rng.choice(self.events))():
            pass

    def held(self, person: str) -> list[str]:
        """Returns the things that a person holds, in alphabetical order."""
        return [t for t in THINGS if self._holder(t) == person]

    def move(self):
        person = self.rng.choice(PEOPLE)
        old = self.place.get(person)
        places = [p for p in PLACES if old is None or p != old.value]
        place = self.rng.choice(places)
        number = self._tell(f"{person} {self.rng.choice(GO)} the {place}.")
        self.place[person] = Fact(place, (number,))
        self.absent.pop(person, None)
        for thing in self.held(person):
            self._arrive(thing, person)
        return True

    def take(self):
        person = self._present()
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
        number = self._tell(f"{person} {verb} the {thing}.")
        self.holder[thing] = Fact(person, (number,))
        self._arrive(thing, person)
        return True

    def drop(self):
        thing = self._held_thing()
        if not thing:
            return False
        person = self.holder.pop(thing).value
        verb = self.rng.choice(DROP)
        number = self._tell(f"{person} {verb} the {thing}.")
        last = self.trail[thing][-1]
        last.support = (number, *self.place[person].support)
        return True

    def give(self):
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
        number = self._tell(f"{giver} gave the {thing} to {taker}.")
        self.holder[thing] = Fact(taker, (number,))
        self._arrive(thing, taker)
        return True

    def deny(self):
        person = self.rng.choice(PEOPLE)
        known = self.place.pop(person, None)
        place = known.value if known else self.rng.choice(PLACES)
        number = self._tell(f"{person} is not in the {place}.")
        self.absent[person] = Fact(place, (number,))
        return True

    def _tell(self, sentence):
        """Returns the number of the sentence."""
        self.told.append(sentence)
        return len(self.told) - 1

    def _arrive(self, thing, person):
        """Notes that a thing is where the person who holds it is."""
        where = self.place[person]
        fact = Fact(where.value, (*self.holder[thing].support, *where.support))
        trail = self.trail[thing]
        if trail and trail[-1].value == where.value:
            trail[-1] = fact
        else:
            trail.append(fact)

    def _holder(self, thing):
        return self.holder[thing].value if thing in self.holder else None

    def _present(self):
        """Returns someone of whom it is known where they are, or None."""
        known = [p for p in PEOPLE if p in self.place]
        return self.rng.choice(known) if known else None

    def _held_thing(self):
        held = [t for t in THINGS if t in self.holder]
        return self.rng.choice(held) if held else None
