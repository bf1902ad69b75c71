"""Random noun phrases and clauses of the sample, in English and German."""

import dataclasses

from apps.translation.data import german
from apps.translation.data import lexicon


@dataclasses.dataclass
class Phrase:
    """A noun phrase in English and in two German cases.

    Attributes:
      english: As subject and as object.
      nominative: German, as subject.
      accusative: German, as object.
      negated: German object with "kein"; empty where "nicht" negates it.
      pronouns: English and German, for the object.
      plural: Whether it is plural.
    """

    english: str
    nominative: str
    accusative: str
    negated: str
    pronouns: tuple[str, str]
    plural: bool


@dataclasses.dataclass
class Clause:
    """Subject, verb, object and place; the languages order them differently.

    Attributes:
      subject: Who acts.
      object: What is acted on.
      place: Where, in English and German; may be empty.
      negation: Whether it is negated.
      verb: English, after the subject.
      helper: English, before the subject of a question.
      base: English base form of the main verb.
      finite: German finite verb.
      rest: German infinitive or participle, at the end.
    """

    subject: Phrase
    object: Phrase
    place: tuple[str, str]
    negation: bool
    verb: str
    helper: str
    base: str
    finite: str
    rest: str

    def english(self, time=""):
        """Returns the English statement."""
        return joined(
            self.subject.english,
            self.verb,
            self.object.english,
            self.place[0],
            time,
        )

    def question(self, time=""):
        """Returns the English question."""
        return joined(
            self.helper,
            self.subject.english,
            "not" * self.negation,
            self.base,
            self.object.english,
            self.place[0],
            time,
        )

    def verb_second(self, time="", first=""):
        """Returns the German main clause; `first` precedes the verb."""
        subject = self.subject.nominative
        before, after = (first, subject) if first else (subject, "")
        return joined(before, self.finite, after, *self._middle(time))

    def verb_first(self, time=""):
        """Returns the German question."""
        return joined(self.finite, self.subject.nominative, *self._middle(time))

    def verb_last(self, time=""):
        """Returns the German subordinate clause."""
        return joined(self.subject.nominative, *self._middle(time), self.finite)

    def _middle(self, time):
        objects = self.object.accusative
        if self.negation:
            objects = self.object.negated or f"{objects} nicht"
        return time, objects, self.place[1], self.rest


def clause(rng) -> Clause:
    """Draws a clause in the present, the past, or with a modal verb."""
    subject, object_ = person(rng), thing(rng)
    place = (
        pick(rng, lexicon.PLACES).split("=") if rng.random() < 0.3 else ("", "")
    )
    negation = rng.random() < 0.25
    verb = pick(rng, lexicon.VERBS)
    base, _, past, _, infinitive, participle = verb.split()
    tense = rng.choice(["present", "past", "modal"])
    if tense == "present":
        english, finite = present(verb, subject.plural)
        helper, rest = "do" if subject.plural else "does", ""
    elif tense == "past":
        helper, english, rest = "did", past, participle
        finite = "haben" if subject.plural else "hat"
    else:
        helper, *forms = pick(rng, lexicon.MODALS).split()
        finite, rest = forms[subject.plural], infinitive
        english = f"{helper} {base}"
    if negation:
        english = f"{helper} not {base}"
    return Clause(
        subject, object_, place, negation, english, helper, base, finite, rest
    )


def present(verb: str, plural: bool) -> tuple[str, str]:
    """Returns the English and the German third person of a line of VERBS."""
    base, third, _, singular, infinitive, _ = verb.split()
    return (base, infinitive) if plural else (third, singular)


def person(rng) -> Phrase:
    """Draws a noun phrase for a person."""
    return _phrase(rng, lexicon.PEOPLE, lexicon.TRAITS)


def thing(rng) -> Phrase:
    """Draws a noun phrase for a thing."""
    return _phrase(rng, lexicon.THINGS, lexicon.LOOKS)


def _phrase(rng, nouns, adjectives):
    english, gender, singular, plural, english_plural = pick(rng, nouns).split()
    noun = gender, singular, plural
    drawn = rng.sample(adjectives.split("\n"), rng.choice([0, 0, 1, 1, 2]))
    words, adjektive = zip(*map(str.split, drawn)) if drawn else ((), ())
    count = rng.choice([1, 1, 1, 0, rng.randint(2, 99)])
    definite = rng.choice(["", *lexicon.DETERMINERS])
    determiner = lexicon.DETERMINERS.get(definite) or (
        "ein" if count == 1 else ""
    )
    article = definite or ("a" if count == 1 else "")
    number = str(count) if count > 1 else ""
    rest = joined(number, *words, english if count == 1 else english_plural)
    if article == "a" and rest[0] in "aeiou":
        article = "an"

    def in_german(case, determiner=determiner):
        return german.noun_phrase(determiner, adjektive, noun, count, case)

    return Phrase(
        english=joined(article, rest),
        nominative=in_german("nominative"),
        accusative=in_german("accusative"),
        negated="" if definite else in_german("accusative", "kein"),
        pronouns=("it", german.PRONOUNS[gender])
        if count == 1
        else ("them", "sie"),
        plural=count != 1,
    )


def joined(*parts: str) -> str:
    """Returns the parts that are not empty, separated by spaces."""
    return " ".join(part for part in parts if part)


def pick(rng, lines: str) -> str:
    """Draws a line."""
    return rng.choice(lines.split("\n"))
