"""The sample: no story is in two splits, and every answer is right."""

import numpy as np
import pytest

from apps.qa.data import sample
from apps.qa.data import tasks
from apps.qa.data import world

TASKS = tuple(tasks.TASKS)


def test_a_story_of_the_sample_is_in_one_split():
    train, valid, test = (
        {question.story for _, question in sample.generate(400, split, TASKS)}
        for split in ("train", "valid", "test")
    )
    assert not train & valid | train & test | valid & test


def test_the_sample_is_the_same_every_time():
    generate = sample.generate.__wrapped__  # Without the cache.
    assert generate(40, "test", (1, 2)) == generate(40, "test", (1, 2))


class Reader:
    """Derives the answers from the sentences by rules of its own."""

    def __init__(self, story):
        self.at, self.has, self.trail, self.absent = {}, {}, {}, {}
        for sentence in story:
            self.read(sentence.rstrip(".").replace(" the ", " ").split())

    def read(self, words):
        name, verb, *rest = words
        if verb in ("went", "moved", "walked"):
            self.at[name] = rest[-1]
            self.absent.pop(name, None)
        elif verb == "is":
            self.absent[name] = rest[-1]
            self.at.pop(name, None)
        elif verb in ("took", "picked"):
            self.has[rest[-1]] = name
        elif verb == "gave":
            self.has[rest[0]] = rest[-1]
        else:
            self.has.pop(rest[-1])
        for thing, holder in self.has.items():
            places = self.trail.setdefault(thing, [])
            if not places or places[-1] != self.at[holder]:
                places.append(self.at[holder])

    def held_by(self, name):
        return sorted(t for t, holder in self.has.items() if holder == name)

    def answer(self, question):
        words = question.rstrip("?").replace(" the ", " ").split()
        match words:
            case ["Where", "is", name] if name in world.PEOPLE:
                return self.at[name]
            case ["Where", "is", thing]:
                return self.trail[thing][-1]
            case ["Where", "was", thing, "before", _]:
                return self.trail[thing][-2]
            case ["Is", name, "in", place]:
                return "yes" if self.at.get(name) == place else "no"
            case ["How", "many", "things", "does", name, "hold"]:
                count = len(self.held_by(name))
                return ["none", "one", "two", "three"][count]
            case ["What", "does", name, "hold"]:
                return ",".join(self.held_by(name)) or "nothing"
            case ["Who", "holds", thing]:
                return self.has[thing]


@pytest.mark.parametrize("task", TASKS)
def test_the_answers_of_the_sample_follow_from_its_sentences(task):
    for _, question in sample.generate(200, "train", (task,)):
        reader = Reader(question.story)
        assert reader.answer(question.question) == question.answer, question
        assert set(question.support) <= set(question.story)


def test_an_answer_of_three_facts_has_at_least_three_supporting_sentences():
    supports = [
        len(question.support)
        for _, question in sample.generate(100, "train", (3,))
    ]
    assert np.mean(supports) > 3
    assert min(supports) == 3
