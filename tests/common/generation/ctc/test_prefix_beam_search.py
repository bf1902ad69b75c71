"""The search equals all paths, plain Python, itself in chunks, and exports."""

import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from common.generation import numbers
from common.generation.ctc import automaton as automaton_lib
from common.generation.ctc import beams as beams_lib
from common.generation.ctc import loss
from common.generation.ctc import ngram_automaton
from common.generation.ctc import prefix_beam_search
from common.generation.ctc.automaton import FORBIDDEN
from common.generation.ctc.automaton import Automaton
from common.generation.ctc.scorer import Scorer
from common.text.ngrams import kneser_ney
from common.text.ngrams.tokenized_text import TokenizedText
from tests.common.generation.ctc import paths
from tests.common.generation.ctc import references

CHARACTERS = "ab "
SYMBOLS = ["", *CHARACTERS]
LENGTHS = np.array([30, 17, 0, 25], np.int32)


def random_log_probs(seed, rows=1, frames=4, tokens=3, scale=2.0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, scale, (rows, frames, 1 + tokens))
    return paths.log_softmax(logits).astype(np.float32)


def random_automaton(seed, tokens=3, states=5):
    """Returns an automaton that forbids a tenth of the tokens."""
    rng = np.random.default_rng(seed)
    shape = states, 1 + tokens
    log_probs = rng.normal(-1, 1, shape).astype(np.float32)
    log_probs[rng.random(shape) < 0.1] = FORBIDDEN
    next_states = rng.integers(0, states, shape).astype(np.int32)
    log_probs[:, 0], next_states[:, 0] = 0, range(states)
    final = rng.normal(-1, 1, states).astype(np.float32)
    return Automaton(log_probs, next_states, final)


@functools.cache
def search_function(scorers):
    """Returns a graph that advances; `scorers` is a hashable key of them."""
    return tf.function(
        functools.partial(
            prefix_beam_search.advance,
            symbols=SYMBOLS,
            scorers=SCORERS[scorers],
        ),
        autograph=False,
        reduce_retracing=True,
    )


SCORERS = {
    "none": [],
    "one": [Scorer(random_automaton(0), 0.7)],
    "two": [
        Scorer(random_automaton(1), 0.3),
        Scorer(automaton_lib.count_words(CHARACTERS), -0.8),
    ],
    "words": [Scorer(automaton_lib.from_words(["ab", "b"], CHARACTERS), 0.01)],
}


def start(rows, width, scorers):
    return beams_lib.initial(rows, width, len(SCORERS[scorers]))


def search(log_probs, lengths, width, scorers="none"):
    """Returns the beams."""
    return search_function(scorers)(
        start(len(log_probs), width, scorers),
        tf.constant(log_probs),
        tf.constant(lengths, tf.int32),
    )


def decode(log_probs, width, scorers="none"):
    """Returns the pairs of text and score of one row, and no padding."""
    beams = search(log_probs[None], [len(log_probs)], width, scorers)
    texts, scores = beams_lib.ranked(beams, SCORERS[scorers])
    pairs = zip(texts[0].numpy(), scores[0].numpy())
    return [(text.decode(), s) for text, s in pairs if s > FORBIDDEN]


def text_of(tokens):
    return "".join(CHARACTERS[token - 1] for token in tokens)


def assert_equal_pairs(pairs, expected):
    """Checks scores, and that each text has its own."""
    assert len(pairs) == len(expected)
    np.testing.assert_allclose(
        [s for _, s in pairs], [s for _, s in expected], rtol=1e-4, atol=1e-4
    )
    by_text = {text_of(tokens): s for tokens, s in expected}
    for text, s in pairs:
        assert s == pytest.approx(by_text[text], rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("scorers", SCORERS)
@pytest.mark.parametrize("seed", range(3))
def test_a_beam_of_all_prefixes_sums_over_all_paths(scorers, seed):
    log_probs = random_log_probs(seed)[0]
    pairs = []
    for tokens, p in paths.probabilities(log_probs).items():
        bonus = sum(
            references.automaton_score(a, tokens, w)
            for a, w in SCORERS[scorers]
        )
        pairs.append((tokens, np.log(p) + bonus))
    pairs = [pair for pair in pairs if np.isfinite(pair[1])]
    pairs.sort(key=lambda pair: pair[1], reverse=True)
    # 1 + 3 + 9 + 27 + 81 prefixes.
    assert_equal_pairs(decode(log_probs, 121, scorers), pairs)


@pytest.mark.parametrize("scorers", SCORERS)
@pytest.mark.parametrize("width", [1, 2, 5, 16])
def test_a_narrow_beam_equals_plain_python(scorers, width):
    log_probs = random_log_probs(width, frames=40)[0]
    expected = references.prefix_beam_search(
        log_probs.astype(np.float64), width, SCORERS[scorers]
    )
    expected = [pair for pair in expected if np.isfinite(pair[1])]
    assert_equal_pairs(decode(log_probs, width, scorers), expected)


@pytest.mark.parametrize("seed", range(3))
def test_the_best_text_is_that_of_tensorflow(seed):
    """Its score is less than that of all paths by what the beam dropped."""
    log_probs = random_log_probs(seed, frames=20)
    # Its blank is the last token, and its first axis is time.
    inputs = tf.transpose(tf.roll(log_probs, -1, 2), [1, 0, 2])
    (best,), _ = tf.nn.ctc_beam_search_decoder(inputs, [20], 100)
    labels = tf.cast(best.values + 1, tf.int32)
    text, score = decode(log_probs[0], 100)[0]
    assert text == text_of(labels)
    (nats,), _ = loss.ctc_loss(
        labels[None], log_probs, tf.shape(labels), tf.constant([20])
    )
    assert -nats - 0.1 < score < -nats


def assert_same_bits(beams, expected):
    for name, values, right in zip(beams._fields, beams, expected):
        np.testing.assert_array_equal(values, right, err_msg=name)


@pytest.mark.parametrize("scorers", ["none", "two"])
@pytest.mark.parametrize("size", [1, 4, 29])
def test_chunks_have_the_bits_of_the_whole(scorers, size):
    log_probs = random_log_probs(0, 4, 30)
    whole = search(log_probs, LENGTHS, 6, scorers)
    beams = start(4, 6, scorers)
    for first in range(0, 30, size):
        chunk = log_probs[:, first : first + size]
        lengths = np.clip(LENGTHS - first, 0, chunk.shape[1])
        beams = search_function(scorers)(
            beams, tf.constant(chunk), tf.constant(lengths, tf.int32)
        )
    assert_same_bits(beams, whole)


@pytest.mark.parametrize("scorers", ["none", "two"])
@pytest.mark.parametrize("width", [1, 3, 8])
def test_a_row_has_the_bits_that_it_gets_alone(scorers, width):
    log_probs = random_log_probs(1, 4, 30)
    padded = np.pad(log_probs, [[0, 0], [0, 9], [0, 0]], constant_values=np.nan)
    together = search(padded, LENGTHS, width, scorers)
    for row, length in enumerate(LENGTHS):
        alone = search(log_probs[[row], :length], [length], width, scorers)
        assert_same_bits(alone, [values[row : row + 1] for values in together])


def test_a_text_of_no_frames_is_empty():
    texts, scores = beams_lib.ranked(
        search(np.zeros([2, 0, 4], np.float32), [0, 0], 3)
    )
    assert texts.numpy().tolist() == [[b"", b"", b""]] * 2
    expected = np.array([[0, FORBIDDEN, FORBIDDEN]] * 2, np.float32)
    np.testing.assert_array_equal(scores, expected)


def test_only_listed_words_come_out():
    log_probs = random_log_probs(3, frames=60)[0]
    texts = [text for text, _ in decode(log_probs, 40, "words")]
    assert texts
    assert set(" ".join(texts).split(" ")) <= {"ab", "b"}
    free = [text for text, _ in decode(log_probs, 40)]
    assert not set(" ".join(free).split(" ")) <= {"ab", "b"}


def test_a_stream_may_be_read_within_a_word_of_the_list():
    log_probs = np.full((1, 1, 4), -9, np.float32)
    log_probs[..., 1] = 0  # The a of "ab".
    beams = search(log_probs, [1], 2, "words")
    so_far, _ = beams_lib.ranked(beams)
    assert so_far[0, 0].numpy() == b"a"
    ended, _ = beams_lib.ranked(beams, SCORERS["words"])
    assert b"a" not in ended[0].numpy()


@tf.function(autograph=False)
def decode_weighted(log_probs, weights):
    """Returns texts and scores with a random automaton and counted words."""
    automata = random_automaton(0), automaton_lib.count_words(CHARACTERS)
    scorers = [*map(Scorer, automata, tf.unstack(weights, 2))]
    beams = prefix_beam_search.advance(
        beams_lib.initial(1, 8, 2),
        log_probs,
        tf.shape(log_probs)[1:2],
        SYMBOLS,
        scorers,
    )
    return beams_lib.ranked(beams, scorers)


def test_a_bonus_for_words_gives_more_words():
    log_probs, counts = random_log_probs(4, frames=40), []
    for weight in (-2.0, 0.0, 2.0):
        texts, _ = decode_weighted(log_probs, tf.constant([0, weight]))
        counts.append(len(texts[0, 0].numpy().split()))
    assert counts[0] < counts[1] < counts[2]


def test_weights_may_be_tensors():
    log_probs = random_log_probs(5, frames=40)
    weight = SCORERS["one"][0].weight
    texts, scores = decode_weighted(log_probs, tf.constant([weight, 0.0]))
    expected = decode(log_probs[0], 8, "one")
    assert [text.decode() for text in texts[0].numpy()] == [
        text for text, _ in expected
    ]
    np.testing.assert_allclose(scores[0], [s for _, s in expected], rtol=1e-5)


def test_n_grams_turn_an_ambiguous_answer_into_the_right_one():
    """After "ab ab ab ...", a frame between a and b is a b after an a."""
    line = [0, 1, 2] * 5 + [3]
    text = TokenizedText(np.array(line * 4), np.full(4, len(line)))
    model = kneser_ney.KneserNey(text, 4, 3)
    automaton = ngram_automaton.from_kneser_ney(model, range(3), 3)
    SCORERS["n-grams"] = [Scorer(automaton, 1.0)]
    clear = np.full((6, 4), -9.0)
    clear[range(6), [1, 2, 3, 1, 0, 3]] = 0
    clear[4] = [-9, -0.6, -0.9, -9]  # Rather a than b.
    clear[4, 1], clear[3, 0] = -0.6, 0.0
    log_probs = paths.log_softmax(clear).astype(np.float32)
    assert decode(log_probs, 8)[0][0].strip() != "ab ab"
    assert decode(log_probs, 8, "n-grams")[0][0].strip() == "ab ab"


def test_a_large_sum_of_log_probabilities_does_not_blur_the_beam():
    """As after hours of a stream, where float32 has steps of 1/8."""
    log_probs = random_log_probs(6, frames=300)
    near, far = (search(log_probs - shift, [300], 8) for shift in (0, 4096.0))
    np.testing.assert_array_equal(near.prefix, far.prefix)
    np.testing.assert_allclose(near.label, far.label, atol=0.1)
    (_, near_scores), (_, far_scores) = map(beams_lib.ranked, (near, far))
    np.testing.assert_allclose(far_scores, near_scores - 300 * 4096, rtol=1e-6)


def test_forbidding_log_probabilities_are_finite():
    log_probs = np.full((5, 4), -np.inf, np.float32)
    log_probs[range(5), [1, 0, 1, 2, 2]] = 0
    (text, score), *_ = decode(log_probs, 4)
    assert (text, score) == ("aab", 0)


def test_identities_differ():
    prefixes = itertools.chain.from_iterable(
        itertools.product((1, 2, 3), repeat=n) for n in range(9)
    )
    identities = set()
    for tokens in prefixes:
        identity = 1
        for token in tokens:
            identity = identity * prefix_beam_search.FACTOR + token
            identity &= prefix_beam_search.BITS
        identities.add(identity)
    assert len(identities) == (3**9 - 1) // 2


def test_the_width_has_the_bound_of_other_searches():
    assert beams_lib.MAX_WIDTH == numbers.MAX_WIDTH


class Stream(tf.Module):
    """A search whose state is a dict of tensors."""

    @tf.function(input_signature=[], autograph=False)
    def start(self):
        return start(1, 8, "two")._asdict()

    @tf.function(autograph=False)
    def advance(self, state, log_probs):
        lengths = tf.shape(log_probs)[1:2]
        beams = prefix_beam_search.advance(
            beams_lib.Beams(**state),
            log_probs,
            lengths,
            SYMBOLS,
            SCORERS["two"],
        )
        return beams._asdict()

    @tf.function(autograph=False)
    def texts(self, state):
        return beams_lib.ranked(beams_lib.Beams(**state), SCORERS["two"])[0]


FOREIGN = """
import numpy as np
import tensorflow as tf

loaded = tf.saved_model.load("model")
log_probs, state = np.load("log_probs.npy"), loaded.start()
for first in range(0, 30, 10):
    state = loaded.advance(state, tf.constant(log_probs[:, first:first + 10]))
print(b"|".join(loaded.texts(state)[0].numpy()).decode(), end="")
"""


@pytest.mark.extended
def test_a_stream_runs_in_a_saved_model(tmp_path, foreign_process):
    log_probs, stream = random_log_probs(7, frames=30), Stream()
    chunk = tf.TensorSpec([1, None, 4])
    state = stream.start()
    stream.advance.get_concrete_function(
        tf.nest.map_structure(tf.TensorSpec.from_tensor, state), chunk
    )
    stream.texts(state)
    tf.saved_model.save(stream, str(tmp_path / "model"))
    np.save(tmp_path / "log_probs.npy", log_probs)
    output = foreign_process.run(FOREIGN, folder=tmp_path)
    expected = [text for text, _ in decode(log_probs[0], 8, "two")]
    assert output.split("|") == expected
