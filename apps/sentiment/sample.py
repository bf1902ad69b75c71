"""Synthetic movie reviews whose verdict is in the sentence, not in the words.

A review is a few sentences from a small grammar. Each holds praise or blame,
which negation may turn round ("nobody could call it dull"), hearsay may void
("the posters promise a witty film") or confirm, a concession may cancel
("although it was dull, ..."), and an adverb may strengthen. The label is the
sign of what is left. Praise and blame, and every pattern, are as frequent in
positive reviews as in negative ones, so that words alone say little.
"""

import random

SUBJECTS = """the plot
the acting
the music
the dialogue
the ending
the camera work
the leading man
the heroine
the villain
the script
the first half
the last hour
the editing
the pacing
the love story
the whole film"""
PRAISE = """charming witty gripping moving brilliant delightful clever
beautiful superb touching original convincing fresh elegant inspired lovely
memorable thrilling warm wonderful"""
BLAME = """dull clumsy tedious hollow dreadful annoying stupid ugly awful
shallow stale wooden tired lifeless lazy silly forgettable boring cold
terrible"""
ADVERBS = {
    "slightly": 1,
    "fairly": 1,
    "rather": 1,
    "very": 3,
    "utterly": 3,
    "deeply": 3,
}

# What a clause says of its adjective: the same, the opposite, or nothing.
SAME = """{subject} never stopped being {adjective}
nobody could deny that {subject} was {adjective}
I can not say it often enough, {subject} was {adjective}
what I did not expect and got was that {subject} was {adjective}
my sister told me that {subject} was {adjective} and she was right
the posters promise that {subject} is {adjective} and they do not lie
I hardly dared to hope for it but {subject} turned out to be {adjective}"""
OPPOSITE = """{subject} was not {adjective}
{subject} was anything but {adjective}
nobody in their right mind could call {subject} {adjective}
I waited in vain for {subject} to become {adjective}
not for one moment, and I watched closely, was {subject} {adjective}
my sister told me that {subject} was {adjective} and she was wrong
the posters promise that {subject} is {adjective} and they lie
I was sure to find {subject} {adjective} and was proved mistaken"""
NOTHING = """I had wanted {subject} to be {adjective}
some critics write that {subject} is {adjective}
people left and right of me thought that {subject} was {adjective}
in the book {subject} is {adjective}"""
CONTRASTS = """although {void}, {claim}
{void}, but when all is said and done {claim}
{claim}, even though {void}
{claim}, and that counts for more than that {void}
it may be true that {void} and yet {claim}"""
FILLERS = """I saw it on a rainy evening with two friends.
It runs for about two hours.
The story is set in a small town by the sea.
There were perhaps twenty people in the theater.
It is the third film of this director.
My brother had bought the tickets.
It was shown with subtitles.
We talked about it on the way home."""


def reviews(count: int, seed: str) -> tuple[list[str], list[int]]:
    """Returns `count` synthetic reviews and their labels, 1 for positive."""
    rng = random.Random(seed)
    texts, labels = [], []
    while len(texts) < count:
        sentences, verdict = [], 0
        for _ in range(rng.randint(1, 3)):
            sentence, value = _sentence(rng)
            sentences.append(sentence[0].upper() + sentence[1:] + ".")
            verdict += value
        for filler in rng.sample(FILLERS.split("\n"), rng.randint(0, 2)):
            sentences.insert(rng.randint(0, len(sentences)), filler)
        if verdict:
            texts.append(" ".join(sentences))
            labels.append(int(verdict > 0))
    return texts, labels


def _sentence(rng):
    claim, value = _clause(rng)
    if rng.random() < 0.5:
        return claim, value
    void = _clause(rng)[0]
    return _pick(rng, CONTRASTS).format(claim=claim, void=void), value


def _clause(rng):
    """Returns words, and how much they praise (> 0) or blame (< 0)."""
    sign = rng.choice([1, -1])
    words = {
        "subject": _pick(rng, SUBJECTS),
        "adjective": rng.choice((PRAISE if sign > 0 else BLAME).split()),
    }
    if rng.random() < 0.4:
        adverb = rng.choice(list(ADVERBS))
        pattern, value = (
            f"{{subject}} was {adverb} {{adjective}}",
            ADVERBS[adverb],
        )
    else:
        patterns, value = rng.choice(
            [(SAME, 2), (SAME, 2), (OPPOSITE, -2), (OPPOSITE, -2), (NOTHING, 0)]
        )
        pattern = _pick(rng, patterns)
    return pattern.format(**words), sign * value


def _pick(rng, lines):
    return rng.choice(lines.split("\n"))
