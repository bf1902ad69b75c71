"""Diverse beam search equals plain Python, alone as in a batch."""

import collections
import functools
import itertools

import numpy as np
import pytest
import tensorflow as tf

from common.generation import beam_search
from common.generation import decoding
from common.generation.diverse_beam_search import diverse_beam_search

SIZE, START, END = 5, 4, 0
CHAINS = tf.range(4)
LIMITS = tf.constant([6, 3, 1, 8])
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(4, 8, SIZE, SIZE)).astype(np.float32)
LOGS = tf.nn.log_softmax(LOGITS).numpy()


def step(tokens, state):
    """A Markov chain per row whose transitions change with time."""
    chain, time = state
    logits = tf.gather_nd(LOGITS, tf.stack([chain, time, tokens], 1))
    return logits, (chain, time + 1), tokens


def search(function, chains=CHAINS, limits=LIMITS, **options):
    """Returns the sequences decoded from the beginning of the chains."""
    state = chains, tf.zeros_like(chains)
    start = tf.fill(tf.shape(chains), START)
    return function(step, state, start, END, limits, **options)


diverse = functools.partial(search, diverse_beam_search)


def sequences(result, i):
    """Returns the sequences of a row."""
    return [
        tuple(tokens[:length].numpy().tolist())
        for tokens, length, score in zip(
            result.tokens[i], result.lengths[i], result.score[i]
        )
        if score > -1e30
    ]


def log_probability(chain, tokens):
    """Returns that of tokens, the end token included."""
    logs = LOGS[chain]
    pairs = zip((START, *tokens), tokens)
    return sum(logs[time, a, b] for time, (a, b) in enumerate(pairs))


def score(chain, tokens, alpha):
    return log_probability(chain, tokens) / ((5 + len(tokens)) / 6) ** alpha


def reference(chain, limit, groups, width, diversity, alpha):
    """Returns scores and sequences with end tokens, the best first."""

    def done(tokens):
        return END in tokens or len(tokens) == limit

    beams = [[()] for _ in range(groups)]
    for _ in range(limit):
        taken = collections.Counter()
        for group, beam in enumerate(beams):
            ranks = {tokens: score(chain, tokens, alpha) for tokens in beam}
            for old in [tokens for tokens in beam if not done(tokens)]:
                del ranks[old]
                for token in range(SIZE):
                    new = (*old, token)
                    paid = diversity * taken[token]
                    share = ((5 + len(new)) / 6) ** alpha
                    ranks[new] = score(chain, new, alpha) - paid / share
            best = sorted(ranks, key=ranks.get, reverse=True)[:width]
            taken.update(new[-1] for new in best if new not in beam)
            beams[group] = best
    scores = [(score(chain, t, alpha), t) for beam in beams for t in beam]
    return sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("groups", "width"),
    [
        (2, 4),
        *(
            pytest.param(*sizes, marks=pytest.mark.extended)
            for sizes in [(2, 1), (3, 2), (2, 9)]
        ),
    ],
)
def test_it_decodes_the_sequences_of_plain_python(groups, width):
    @tf.function(
        input_signature=2 * [tf.TensorSpec([], tf.float32)], autograph=False
    )
    def compiled(diversity, alpha):
        return diverse(
            groups=groups,
            width=width,
            diversity=diversity,
            length_penalty=alpha,
        )

    for diversity, alpha in itertools.product((0.3, 1.0, 50.0), (0.0, 1.0)):
        result = compiled(diversity, alpha)
        assert result.tokens.shape[:2] == (4, groups * width)
        for i, limit in enumerate(LIMITS.numpy()):
            expected = reference(i, limit, groups, width, diversity, alpha)
            assert_equal(result, i, expected)


def assert_equal(result, i, expected):
    """Compares a row with scores and sequences of plain Python."""
    scores, tokens = zip(*expected)
    assert sequences(result, i) == [
        tuple(t for t in sequence if t != END) for sequence in tokens
    ]
    count = len(expected)
    np.testing.assert_allclose(result.score[i, :count], scores, rtol=1e-4)
    np.testing.assert_allclose(
        result.log_probability[i, :count],
        [log_probability(i, t) for t in tokens],
        rtol=1e-4,
    )
    assert np.all(result.score[i, count:] < -1e30)


@pytest.mark.parametrize("width", [1, 3, 9])
def test_one_group_is_a_beam_search(width):
    options = {"width": width, "length_penalty": 0.6}
    result = diverse(groups=1, diversity=2.0, **options)
    expected = search(beam_search.beam_search, **options)
    for name in decoding.Decoded._fields:
        np.testing.assert_array_equal(
            getattr(result, name), getattr(expected, name)
        )


@pytest.mark.parametrize("width", [1, 3])
def test_without_diversity_all_groups_are_equal(width):
    result = diverse(groups=3, width=width, diversity=0.0)
    expected = search(beam_search.beam_search, width=width)
    for name in decoding.Decoded._fields:
        np.testing.assert_array_equal(
            getattr(result, name), np.repeat(getattr(expected, name), 3, 1)
        )


def test_a_huge_diversity_makes_all_first_tokens_differ():
    result = diverse(groups=SIZE, width=1, diversity=1e9)
    for i in range(4):
        firsts = [(*tokens, END)[0] for tokens in sequences(result, i)]
        assert sorted(firsts) == list(range(SIZE))


def test_more_diversity_gives_more_different_tokens():
    counts = [
        len(set(np.ravel(diverse(groups=4, width=1, diversity=d).tokens[0])))
        for d in (0.0, 0.5, 50.0)
    ]
    assert counts[0] < counts[1] <= counts[2]


def test_an_ended_hypothesis_charges_no_token():
    # The first group ends at once, the second a step later: if the end of the
    # first were still charged, the second would never choose it.
    def step(tokens, state):
        return tf.repeat([[2.0, 1.9, 0.0]], tf.shape(tokens)[0], 0), state, ()

    result = diverse_beam_search(
        step, (), tf.constant([1]), END, tf.constant([4]), 2, 1, 1.0
    )
    assert sequences(result, 0) == [(), (1,)]


def test_a_sequence_alone_is_decoded_as_in_a_batch():
    @tf.function(
        input_signature=2 * [tf.TensorSpec([None], tf.int32)], autograph=False
    )
    def compiled(chains, limits):
        return diverse(
            chains,
            limits,
            groups=3,
            width=2,
            diversity=0.7,
            length_penalty=1.0,
        )

    together = compiled(CHAINS, LIMITS)
    for i in range(4):
        alone = compiled(CHAINS[i : i + 1], LIMITS[i : i + 1])
        assert sequences(alone, 0) == sequences(together, i)
        np.testing.assert_allclose(alone.score[0], together.score[i], rtol=1e-6)


def test_the_trace_follows_the_path_of_a_hypothesis():
    result = diverse(groups=3, width=3, diversity=1.0)
    for i in range(4):
        for n, tokens in enumerate(sequences(result, i)):
            read = [START, *tokens][: len(tokens)]
            assert result.trace[i, n, : len(tokens)].numpy().tolist() == read


def test_a_limit_of_zero_and_an_empty_batch_give_no_tokens():
    options = {"groups": 2, "width": 2, "diversity": 1.0}
    none = diverse(limits=tf.zeros([4], tf.int32), **options)
    assert not np.any(none.lengths)
    assert diverse(CHAINS[:0], LIMITS[:0], **options).tokens.shape[:2] == (0, 4)


class Searcher(tf.Module):
    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.int32, "chains"),
            tf.TensorSpec([], tf.int32, "width"),
            tf.TensorSpec([], tf.float32, "diversity"),
        ],
        autograph=False,
    )
    def serve(self, chains, width, diversity):
        result = diverse(
            chains, chains + 3, groups=3, width=width, diversity=diversity
        )
        return result._asdict()


@pytest.mark.extended
def test_width_and_diversity_are_inputs_of_an_export(tmp_path):
    searcher = Searcher()
    tf.saved_model.save(searcher, tmp_path)
    loaded = tf.saved_model.load(tmp_path)
    for width in (1, 4):
        outputs = loaded.serve(CHAINS, width, 1.0)
        expected = diverse(
            limits=CHAINS + 3, groups=3, width=width, diversity=1.0
        )
        for name, value in expected._asdict().items():
            np.testing.assert_allclose(outputs[name], value, rtol=1e-6)


def test_a_static_width_gives_static_shapes():
    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.int32)], autograph=False
    )
    def serve(chains):
        result = diverse(chains, chains, groups=3, width=2, diversity=1.0)
        assert result.tokens.shape.as_list() == [None, 6, None]
        assert result.trace.shape.as_list() == [None, 6, None]
        return result.score

    assert serve.get_concrete_function().output_shapes == [None, 6]
