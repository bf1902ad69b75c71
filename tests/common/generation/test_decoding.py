"""Decoding finds the right sequences, alone as in a batch, within limits."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from common.generation import beam_search
from common.generation import decoding

SIZE, START, END = 5, 4, 0
RNG = np.random.default_rng(0)
TABLE = tf.constant(RNG.normal(size=(SIZE, SIZE)) * 2, tf.float32)
MIX = tf.constant(RNG.normal(size=(3, SIZE)), tf.float32)


def step(tokens, state):
    """A model whose next token depends on all tokens before it."""
    memory, position = state
    memory = 0.5 * memory + tf.gather(tf.eye(SIZE, 3), tokens)
    logits = tf.gather(TABLE, tokens) + 2 * memory @ MIX
    return logits, (memory, position + 1), (position, memory)


def first(batch=4):
    """Returns states and first tokens that differ from row to row."""
    memory = np.random.default_rng(1).normal(size=(batch, 3))
    state = tf.constant(memory, tf.float32), tf.zeros([batch], tf.int32)
    return state, tf.fill([batch], START)


def row_of(state, i):
    """Returns a nest of one row."""
    return tf.nest.map_structure(lambda s: s[i : i + 1], state)


def log_probability(i, tokens):
    """Returns that of tokens, the end token included, by NumPy."""
    memory, last, total = first()[0][0][i].numpy(), START, 0.0
    for token in tokens:
        memory = 0.5 * memory + np.eye(SIZE, 3)[last]
        logits = TABLE.numpy()[last] + 2 * memory @ MIX.numpy()
        total += logits[token] - np.log(np.exp(logits).sum())
        last = token
    return total


def sequences(limit):
    """Yields every sequence that may be decoded, with its end token."""
    inner = [t for t in range(SIZE) if t != END]
    for length in range(limit + 1):
        for tokens in itertools.product(inner, repeat=length):
            yield (*tokens, END) if length < limit else tokens


def decoded(result, i, n=0):
    """Returns the tokens of a sequence."""
    return result.tokens[i, n, : result.lengths[i, n]].numpy().tolist()


LIMITS = tf.constant([6, 3, 1, 6])
STRATEGIES = {
    "greedy": decoding.greedy,
    "sample": lambda *a: decoding.sample(
        *a, seeds=tf.range(tf.shape(a[2])[0]) + 7
    ),
    "beam": lambda *a: beam_search.beam_search(*a, width=3, length_penalty=1.0),
}


def test_greedy_decoding_takes_the_most_probable_token_at_each_step():
    state, start = first()
    result = decoding.greedy(step, state, start, END, LIMITS)
    for i, limit in enumerate(LIMITS.numpy()):
        state_, last, expected = row_of(state, i), start[:1], []
        while len(expected) < limit:
            logits, state_, _ = step(last, state_)
            last = tf.argmax(logits, -1, tf.int32)
            if int(last[0]) == END:
                break
            expected.append(int(last[0]))
        assert decoded(result, i) == expected
        ended = [END] if len(expected) < limit else []
        np.testing.assert_allclose(
            result.log_probability[i, 0],
            log_probability(i, expected + ended),
            rtol=1e-5,
        )


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
def test_a_beam_of_all_sequences_ranks_them_by_score(alpha):
    state, start = first(2)
    result = beam_search.beam_search(
        step, state, start, END, tf.constant([3, 3]), 200, alpha
    )
    for i in range(2):
        scores = {
            tokens: log_probability(i, tokens)
            / ((5 + len(tokens)) / 6) ** alpha
            for tokens in sequences(3)
        }
        ranked = sorted(scores, key=scores.get, reverse=True)
        for n in (0, 1, 10, len(ranked) - 1):
            expected = [t for t in ranked[n] if t != END]
            assert decoded(result, i, n) == expected
            np.testing.assert_allclose(
                result.score[i, n], scores[ranked[n]], rtol=1e-4
            )
        assert float(result.score[i, len(ranked)]) < -1e30


def test_a_beam_of_one_is_greedy_decoding():
    state, start = first()
    beam = beam_search.beam_search(step, state, start, END, LIMITS, 1, 1.0)
    greedy = decoding.greedy(step, state, start, END, LIMITS)
    for actual, expected in zip(beam[:3], greedy[:3]):
        np.testing.assert_allclose(actual, expected, rtol=1e-6)
    for i, length in enumerate(greedy.lengths[:, 0]):
        for actual, expected in zip(beam.trace, greedy.trace):
            np.testing.assert_allclose(
                actual[i, 0, :length], expected[i, 0, :length], rtol=1e-6
            )


def test_a_wider_beam_finds_better_sequences():
    state, start = first()
    limits = tf.fill([4], 8)
    scores = [
        beam_search.beam_search(step, state, start, END, limits, w).score[:, 0]
        for w in (1, 4, 50)
    ]
    assert np.all(scores[1] >= scores[0] - 1e-5)
    assert np.all(scores[2] >= scores[1] - 1e-5)
    assert np.any(scores[2] > scores[0] + 1e-3)


@pytest.mark.parametrize("name", STRATEGIES)
def test_limits_hold_and_zeros_follow_the_last_token(name):
    state, start = first()
    result = STRATEGIES[name](step, state, start, END, LIMITS)
    assert np.all(result.lengths <= LIMITS[:, None])
    for i, n in itertools.product(range(4), range(result.tokens.shape[1])):
        assert not np.any(result.tokens[i, n, result.lengths[i, n] :])
        assert END not in decoded(result, i, n)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_sequence_alone_is_decoded_as_in_a_batch(name):
    def decode(state, start, limits, seeds):
        arguments = step, state, start, END, limits
        if name == "sample":
            return decoding.sample(*arguments, seeds)
        return STRATEGIES[name](*arguments)

    state, start = first()
    inputs = state, start, LIMITS, tf.constant([3, 1, 4, 1])
    specs = tf.nest.map_structure(
        lambda t: tf.TensorSpec([None, *t.shape[1:]], t.dtype), inputs
    )
    compiled = tf.function(decode, specs, autograph=False)
    together = compiled(*inputs)
    for i in range(4):
        alone = compiled(*row_of(inputs, i))
        for n in range(alone.tokens.shape[1]):
            assert decoded(alone, 0, n) == decoded(together, i, n)
        np.testing.assert_allclose(alone.score[0], together.score[i], rtol=1e-6)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_limit_of_zero_and_an_empty_batch_give_no_tokens(name):
    state, start = first()
    none = STRATEGIES[name](step, state, start, END, tf.zeros([4], tf.int32))
    assert not np.any(none.lengths)
    empty = tf.nest.map_structure(lambda s: s[:0], state)
    result = STRATEGIES[name](step, empty, start[:0], END, LIMITS[:0])
    assert result.tokens.shape[0] == 0


def test_the_trace_follows_the_path_of_a_hypothesis():
    state, start = first()
    result = beam_search.beam_search(step, state, start, END, LIMITS, 4)
    for i, n in itertools.product(range(4), range(4)):
        if float(result.score[i, n]) < -1e30:
            continue
        state_, last = row_of(state, i), start[:1]
        for t, token in enumerate(decoded(result, i, n)):
            _, state_, trace = step(last, state_)
            for actual, expected in zip(result.trace, trace):
                np.testing.assert_allclose(
                    actual[i, n, t], expected[0], rtol=1e-5
                )
            last = tf.constant([token])


def test_the_coverage_penalty_prefers_attention_to_all_places():
    # Two tokens are nearly equal; after token 2 the second place is attended.
    def step(tokens, state):
        logits = tf.repeat([[-9.0, 0.1, 0.0]], tf.shape(tokens)[0], 0)
        attention = tf.gather(tf.constant([[1.0, 0], [1, 0], [0, 1]]), tokens)
        return logits, state, attention

    def alignments(trace):
        return trace, tf.constant([[True, True]])

    def best(penalty):
        result = beam_search.beam_search(
            step,
            tf.zeros([1]),
            tf.constant([1]),
            END,
            tf.constant([3]),
            9,
            coverage_penalty=penalty,
            alignments=alignments,
        )
        return decoded(result, 0), float(result.score[0, 0])

    assert best(0.0)[0] == [1, 1, 1]
    tokens, score = best(1.0)
    assert 2 in tokens[:2]  # No step follows the third token.
    share = tf.nn.log_softmax([-9.0, 0.1, 0.0]).numpy()
    np.testing.assert_allclose(score, 2 * share[1] + share[2], rtol=1e-4)


@tf.function(reduce_retracing=True, autograph=False)
def sampled(count, temperature, top_k, top_p):
    """Returns the first tokens sampled from one state, a seed each."""
    state, _ = first(1)
    state = tf.nest.map_structure(lambda s: tf.repeat(s, count, 0), state)
    result = decoding.sample(
        step,
        state,
        tf.fill([count], START),
        END,
        tf.ones([count], tf.int32),
        tf.range(count),
        temperature,
        top_k,
        top_p,
    )
    ended = result.lengths[:, 0] == 0
    return tf.where(ended, END, result.tokens[:, 0, 0])


def draws(count, temperature=1.0, top_k=0, top_p=1.0):
    options = map(tf.constant, (count, temperature, top_k, top_p))
    return sampled(*options).numpy()


def probabilities():
    state, start = first(1)
    return tf.nn.softmax(step(start, state)[0])[0].numpy()


def test_tokens_are_sampled_with_their_probabilities():
    shares = np.bincount(draws(4000), minlength=SIZE) / 4000
    expected = probabilities()
    spread = np.sqrt(expected * (1 - expected) / 4000)
    assert np.all(np.abs(shares - expected) < 4 * spread)


def test_the_tokens_of_a_sample_are_drawn_independently():
    """Of two tokens that are always equally probable, half are repeated."""
    count = 1000
    sample = tf.function(decoding.sample, autograph=False)
    result = sample(
        lambda tokens, state: (tf.zeros([count, 2]), state, ()),
        tf.zeros([count]),
        tf.zeros([count], tf.int32),
        2,  # Never.
        tf.fill([count], 3),
        tf.range(count),
    )
    tokens = result.tokens[:, 0].numpy()
    repeated = np.mean(tokens[:, 1:] == tokens[:, :-1], axis=0)
    np.testing.assert_allclose(repeated, 0.5, atol=0.06)


def test_top_k_and_top_p_sample_from_the_most_probable_tokens():
    order = np.argsort(-probabilities())
    sums = np.cumsum(probabilities()[order])
    assert set(draws(500, top_k=2)) == set(order[:2])
    nucleus = order[: 1 + np.searchsorted(sums, 0.9)]
    assert set(draws(2000, top_p=0.9)) == set(nucleus)
    assert set(draws(50, top_p=0.0)) == {order[0]}


def test_a_temperature_of_zero_is_greedy_decoding():
    assert set(draws(50, temperature=0.0)) == {np.argmax(probabilities())}


def test_equal_seeds_give_equal_samples():
    assert np.array_equal(draws(50), draws(50))
    assert len(set(draws(50))) > 1


class Speller:
    """Decodes a memory with a beam search over an attention decoder."""

    def __init__(self):
        keras.utils.set_random_seed(0)
        self.decoder = layers.AttentionDecoder(
            keras.layers.GRUCell(6), layers.AdditiveAttention(4), SIZE
        )
        self.decoder.build((None, None, SIZE), (None, None, 3))

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, 3], tf.float32, "memory"),
            tf.TensorSpec([], tf.int32, "width"),
        ],
        autograph=False,
    )
    def serve(self, memory, width):
        batch = tf.shape(memory)[0]

        def step(tokens, state):
            states, memory = state
            inputs = tf.one_hot(tokens, SIZE)
            output, states, alignment = self.decoder.step(
                inputs, states, memory
            )
            return 9 * output, (states, memory), alignment

        def alignments(trace):
            return trace, tf.ones(tf.shape(memory)[:2], tf.bool)

        result = beam_search.beam_search(
            step,
            (self.decoder.get_initial_state(batch), memory),
            tf.fill([batch], START),
            END,
            tf.fill([batch], 7),
            width,
            length_penalty=1.0,
            coverage_penalty=0.5,
            alignments=alignments,
        )
        return result._asdict()


@pytest.mark.extended
def test_a_beam_over_an_attention_decoder_is_exported(tmp_path):
    speller = Speller()
    module = tf.Module()
    module.variables_to_save = [v.value for v in speller.decoder.variables]
    # Of the concrete function: it is traced once.
    concrete = speller.serve.get_concrete_function()
    tf.saved_model.save(module, tmp_path, {"serving_default": concrete})
    serve = tf.saved_model.load(tmp_path).signatures["serving_default"]
    memory = tf.constant(RNG.normal(size=(3, 4, 3)), tf.float32)
    outputs = serve(memory=memory, width=tf.constant(4))
    for name, value in speller.serve(memory, 4).items():
        np.testing.assert_array_equal(outputs[name], value)
    trace = outputs["trace"]
    assert trace.shape[:2] == (3, 4) and trace.shape[3] == 4
    sums = tf.reduce_sum(trace, -1)
    for i, n in itertools.product(range(3), range(4)):
        np.testing.assert_allclose(
            sums[i, n, : outputs["lengths"][i, n]], 1, rtol=1e-5
        )
    ordered = np.sort(outputs["score"], -1)[:, ::-1]
    np.testing.assert_array_equal(outputs["score"], ordered)
