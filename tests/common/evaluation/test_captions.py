"""Metrics of captions equal those of the published scorer of COCO."""

import numpy as np
import pytest

from common.evaluation.metrics import captions

# Candidates and their references. Their scores, and the tokens of ODD, were
# computed with pycocoevalcap 1.2 from PyPI: its PTBTokenizer (Stanford CoreNLP
# 3.4.1), Bleu(4), Rouge() and Cider().
EXAMPLES = [
    (
        "A dog runs on the grass.",
        [
            "A brown dog is running on the green grass.",
            "The dog runs.",
            "A dog runs on the grass!",
            "Dog running across a lawn, tail up",
            "There's a dog that runs on grass near the man's house.",
        ],
    ),
    (
        "a man a man a man riding a horse on the the beach",
        [
            "A man rides his horse along the beach.",
            "A man on a horse",
            "Someone's riding a horse on the beach, and a man is watching.",
        ],
    ),
    (
        "Two children play in the water",
        ["Two children are playing in the water; one can't swim."],
    ),
    (
        "",
        [
            "A group of 12 people is standing outside.",
            "People wait outside a shop.",
        ],
    ),
    (
        "A well-known player in a red t-shirt kicks the ball",
        [
            "A soccer player in a red T-shirt kicks a ball.",
            "The player (number 10) kicks the ball.",
            'A player wearing "10" kicks the soccer ball ...',
            "Player kicks ball",
        ],
    ),
    (
        "Three dogs don't run on the snow -- they sit.",
        [
            "Three dogs sit in the snow, they don't run.",
            "3 dogs are sitting on snow",
            "The three black-and-white dogs aren't running on the snow.",
        ],
    ),
    (
        "Woman",
        [
            "Woman.",
            "A woman in a U.S. flag dress is smiling at the camera.",
        ],
    ),
    (
        "the boy 's skateboard is in the air",
        [
            "The boy's skateboard is in the air",
            "A boy jumps with his skateboard.",
            "The boys' skateboards cost $1,000 at 10:30 a.m.",
        ],
    ),
    (
        "nothing alike here whatsoever",
        [
            "A climber hangs from an overhanging rock.",
            "A person climbs up a cliff.",
        ],
    ),
    (
        "A girl in a pink dress climbs the stairs and a girl climbs the stairs",
        [
            "A girl in a pink dress climbs the stairs.",
            "A little girl climbs the stairs to her playhouse.",
            "A child in a pink dress is climbing up a set of stairs in an "
            "entry way.",
            "The girl climbs stairs; the girl climbs the stairs again.",
        ],
    ),
    (
        "on a the dog grass runs",
        [
            "The dog runs on a meadow today.",
            "Dogs run on the grass.",
        ],
    ),
    (
        "a black dog and a white dog are running on the beach near the ocean",
        [
            "A black dog and a white dog are running on the beach.",
            "Two dogs run along the ocean's edge, one black and one white.",
        ],
    ),
]
BLEU = [
    0.7570776731925978,
    0.6800764773825765,
    0.6086163959270948,
    0.551209475161936,
]
# Of the last two examples, with candidates longer than the references.
BLEU_OF_LONG = [
    0.9047619047188209,
    0.816496580886799,
    0.731958749481211,
    0.6964705665122654,
]
# Of the examples 2 and 3, with shorter candidates.
BLEU_OF_SHORT = [
    0.15739633564550287,
    0.13355521952039287,
    0.09443780138362917,
    1.5174802690366895e-05,
]
ROUGE_L = [
    1.0,
    0.6151260504201681,
    0.5586080586080586,
    0.0,
    0.9070631970260222,
    0.6,
    1.0,
    1.0,
    0.0,
    0.7854077253218884,
    0.5545454545454546,
    0.9070631970260222,
]
CIDER_D = [
    2.9246740068685497,
    1.5811985124866332,
    1.8575786040601827,
    0.0,
    2.5370192847618567,
    2.4225596180727322,
    1.3433416942711904,
    3.737776799515286,
    0.0,
    2.2757962373064182,
    1.4653603042231114,
    4.4329805005902765,
]
ODD = [
    (
        "A man's dog can't (really) run... He said \"hello there\" -- don't!",
        "a man 's dog ca n't -lrb- really -rrb- run he said hello there do n't",
    ),
    (
        "They cannot, won't, shouldn't; I'm sure we've seen it, he'd say.",
        "they can not wo n't should n't i 'm sure we 've seen it he 'd say",
    ),
    (
        "The dogs' bowls; 'quoted' & “curly” words, the boy’s – 50% of $5 #1",
        "the dogs bowls quoted & curly words the boy 's 50 % of $ 5 # 1",
    ),
    (
        "Mr. Smith of the U.S. Army, in a T-shirt, reads about rock 'n' roll.",
        "mr. smith of the u.s. army in a t-shirt reads about rock 'n' roll",
    ),
    (
        "At 10:30 a.m. or 4 o'clock, 10,000 ran 3.5 or 1/2 miles [a].",
        "at 10:30 a.m. or 4 o'clock 10,000 ran 3.5 or 1/2 miles -lsb- a -rsb-",
    ),
    (
        "A three-year-old, a tri-colored dog and/or a 4x4: ready?! no ATV's",
        "a three-year-old a tri-colored dog and/or a 4x4 ready ?! no atv 's",
    ),
    (
        "  A café\tin the 1950s … and a “T.G.I.” sign {by J. Doe}  ",
        "a café in the 1950s and a t.g.i. sign -lcb- by j. doe -rcb-",
    ),
]
CANDIDATES = [captions.caption_tokens(text) for text, _ in EXAMPLES]
REFERENCES = [
    [captions.caption_tokens(text) for text in texts] for _, texts in EXAMPLES
]


@pytest.mark.parametrize(("text", "tokens"), ODD)
def test_captions_are_split_as_by_the_published_scorer(text, tokens):
    assert captions.caption_tokens(text) == tokens.split()


def test_bleu_equals_the_published_scorer():
    counts = captions.bleu_counts(CANDIDATES, REFERENCES)
    assert counts.shape == (len(EXAMPLES), 10)
    names = ["bleu_1", "bleu_2", "bleu_3", "bleu_4"]
    for part, expected in [
        (counts, BLEU),
        (counts[-2:], BLEU_OF_LONG),
        (counts[2:4], BLEU_OF_SHORT),
    ]:
        scores = captions.bleu(part.sum(0))
        assert scores == pytest.approx(dict(zip(names, expected)), rel=1e-9)


def test_bleu_statistics_of_an_example_do_not_depend_on_others():
    alone = [
        captions.bleu_counts([candidate], [texts])[0]
        for candidate, texts in zip(CANDIDATES, REFERENCES)
    ]
    counts = captions.bleu_counts(CANDIDATES, REFERENCES)
    np.testing.assert_array_equal(counts, alone)
    # "a" matches twice, "man" and "the" once.
    assert counts[1].tolist() == [13, 13, 8, 6, 3, 2, 13, 12, 11, 10]


def test_rouge_l_equals_the_published_scorer():
    scores = captions.rouge_l(CANDIDATES, REFERENCES)
    np.testing.assert_allclose(scores, ROUGE_L, rtol=1e-9)


def test_cider_d_equals_the_published_scorer():
    scores = captions.cider_d(CANDIDATES, REFERENCES)
    np.testing.assert_allclose(scores, CIDER_D, rtol=1e-9)


def test_document_frequencies_may_come_from_another_corpus():
    few = slice(1, 4)
    scores = captions.cider_d(CANDIDATES[few], REFERENCES[few], REFERENCES)
    np.testing.assert_allclose(scores, CIDER_D[few], rtol=1e-9)
    scores = captions.cider_d(CANDIDATES[few], REFERENCES[few])
    assert not np.allclose(scores, CIDER_D[few], rtol=0.01)


def test_a_caption_equal_to_its_only_reference_has_the_highest_scores():
    candidates = [caption for caption in CANDIDATES if len(caption) > 3]
    references = [[caption] for caption in candidates]
    counts = captions.bleu_counts(candidates, references).sum(0)
    assert list(captions.bleu(counts).values()) == pytest.approx([1] * 4)
    assert captions.rouge_l(candidates, references) == pytest.approx(1)
    assert captions.cider_d(candidates, references) == pytest.approx(10)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("一只狗在草地上跑。", "一 只 狗 在 草 地 上 跑"),
        ("2只dog", "2 只 dog"),
        ("犬が走る", "犬 が 走 る"),
        ("หมา", "ห ม า"),
        ("개가 달린다", "개가 달린다"),
    ],
)
def test_characters_are_words_in_scripts_without_spaces(text, tokens):
    assert captions.caption_tokens(text) == tokens.split()


def test_a_caption_in_chinese_is_similar_to_another_one():
    texts = ["一只狗在草地上跑", "两个人在海边走路", "桌上有一杯咖啡"]
    tokens = [captions.caption_tokens(text) for text in texts]
    near = captions.caption_tokens("一只黑狗在草地上跑")
    scores = captions.cider_d([near, *tokens[1:]], [[t] for t in tokens])
    assert 3 < scores[0] < 10
    np.testing.assert_allclose(scores[1:], 10)
