"""AdditiveAttention by hand, and the properties of every attention layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from common import layers
from common.layers._engine import private_api

RNG = np.random.default_rng(0)
QUERY = RNG.normal(size=(3, 2, 4)).astype("f4")
MEMORY = RNG.normal(size=(3, 5, 4)).astype("f4")
MASK = np.arange(5) < np.array([[5], [3], [0]])
KINDS = {
    "additive": lambda **kw: layers.AdditiveAttention(6, **kw),
    "dot": lambda **kw: layers.MultiplicativeAttention("dot", **kw),
    "general": lambda **kw: layers.MultiplicativeAttention("general", **kw),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def test_scores_by_hand():
    attention = layers.AdditiveAttention(2)
    attention.build((1, 1), (1, 2, 1))
    w, b, u, v = [[0.5, -1]], [0.1, 0.2], [[2, 1]], [[1], [-3]]
    attention.set_weights([np.array(a, "f4") for a in (w, b, u, v)])
    query, memory = 0.7, np.array([0.3, -0.4])
    scores = [
        np.tanh(0.5 * query + 0.1 + 2 * m)
        - 3 * np.tanh(-1 * query + 0.2 + 1 * m)
        for m in memory
    ]
    shares = np.exp(scores) / np.exp(scores).sum()
    context, alignments = attention(
        np.array([[query]], "f4"), memory.reshape(1, 2, 1).astype("f4")
    )
    np.testing.assert_allclose(alignments, [shares], rtol=1e-6)
    np.testing.assert_allclose(context, [[shares @ memory]], rtol=1e-6)


@every_kind
def test_only_unmasked_places_have_alignments(kind):
    attention = KINDS[kind]()
    context, alignments = attention(QUERY, MEMORY, memory_mask=MASK)
    sums = np.sum(alignments, -1)
    np.testing.assert_allclose(sums, [[1, 1], [1, 1], [0, 0]], rtol=1e-6)
    assert not np.any(alignments.numpy().swapaxes(1, 2)[~MASK])
    expected = alignments.numpy() @ MEMORY
    np.testing.assert_allclose(context, expected, rtol=1e-5, atol=1e-6)


@every_kind
@pytest.mark.parametrize("dtype", ["float32", "float16", "mixed_bfloat16"])
def test_a_fully_masked_memory_gives_zeros_and_zero_gradients(kind, dtype):
    attention = KINDS[kind](dtype=dtype)
    query, memory = tf.constant(QUERY), tf.constant(MEMORY)
    with tf.GradientTape() as tape:
        tape.watch([query, memory])
        results = attention(query, memory, memory_mask=MASK & False)
        loss = sum(tf.reduce_sum(tf.cast(r, "float32")) for r in results)
    for result in results:
        assert result.dtype == attention.compute_dtype
        assert not np.any(result)
    for gradient in tape.gradient(loss, [query, memory]):
        assert not np.any(gradient)


@every_kind
def test_only_the_query_and_unmasked_places_have_gradients(kind):
    attention = KINDS[kind]()
    query, memory = tf.constant(QUERY), tf.constant(MEMORY)
    with tf.GradientTape() as tape:
        tape.watch([query, memory])
        context, _ = attention(query, memory, memory_mask=MASK)
        loss = tf.reduce_sum(context**2)
    of_query, of_memory = tape.gradient(loss, [query, memory])
    assert np.all(of_query[:2]) and not np.any(of_query[2])
    np.testing.assert_array_equal(np.any(of_memory, -1), MASK)


@every_kind
@pytest.mark.parametrize("places", [0, 3, 50])
def test_masked_places_change_nothing(kind, places):
    attention = KINDS[kind]()
    context, alignments = attention(QUERY, MEMORY, memory_mask=MASK)
    wider = [(0, 0), (0, places)]
    longer = np.pad(MEMORY, [*wider, (0, 0)], constant_values=9)
    same, padded = attention(QUERY, longer, memory_mask=np.pad(MASK, wider))
    np.testing.assert_allclose(same, context, atol=1e-6)
    np.testing.assert_allclose(padded[..., :5], alignments, atol=1e-6)
    assert not np.any(padded[..., 5:])


@every_kind
def test_steps_and_examples_are_independent(kind):
    attention = KINDS[kind]()
    together = attention(QUERY, MEMORY, memory_mask=MASK)
    keys = attention.keys(MEMORY)
    for i in range(2):
        alone = attention(
            QUERY[i : i + 1, 1],
            MEMORY[i : i + 1],
            memory_mask=MASK[i : i + 1],
            keys=keys[i : i + 1],
        )
        for a, b in zip(alone, together, strict=True):
            np.testing.assert_allclose(a, b[i : i + 1, 1], atol=1e-6)


@every_kind
def test_the_keras_mask_of_the_memory_is_used_and_not_passed_on(kind):
    attention = KINDS[kind]()
    kept = np.where(MASK[..., None], MEMORY, 0)
    expected = attention(QUERY, kept, memory_mask=MASK)
    query = keras.layers.Masking()(np.array(QUERY))
    results = attention(query, keras.layers.Masking()(kept))
    for result, e in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, e)
        assert private_api.get_keras_mask(result) is None


@every_kind
def test_a_saved_attention_is_loaded_with_equal_outputs(kind, tmp_path):
    query, memory = keras.Input((None, 4)), keras.Input((None, 4))
    results = KINDS[kind]()(query, memory)
    assert results[0].shape == (None, None, 4)
    assert results[1].shape == (None, None, None)
    model = keras.Model([query, memory], results)
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras")
    for a, b in zip(again([QUERY, MEMORY]), model([QUERY, MEMORY])):
        np.testing.assert_array_equal(a, b)


@every_kind
def test_a_memory_with_two_axes_of_places_raises(kind):
    with pytest.raises(ValueError, match="reshape it to"):
        KINDS[kind]()(QUERY, np.zeros((3, 2, 2, 4), "f4"))


def slopes(attention, query, memory, mask, with_keys):
    """Returns context and alignments, and the gradients of all sources."""
    query, memory = tf.constant(query), tf.constant(memory)
    keys = attention.keys(memory) if with_keys else None
    with tf.GradientTape() as tape:
        sources = [query, memory, *[w.value for w in attention.weights]]
        sources += [keys] if with_keys else []
        tape.watch(sources)
        results = attention(query, memory, memory_mask=mask, keys=keys)
        loss = sum(tf.reduce_sum(x**2) for x in results)
    slopes = tape.gradient(loss, sources, unconnected_gradients="zero")
    return [*results, *slopes]


@every_kind
@pytest.mark.parametrize("with_keys", [False, True])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_masked_places_have_no_influence(kind, with_keys, value):
    """Neither on the results nor on gradients."""
    attention = KINDS[kind]()
    attention.build(QUERY.shape, MEMORY.shape)
    masked = np.where(MASK[..., None], MEMORY, np.float32(value))
    results = slopes(attention, QUERY, masked, MASK, with_keys)
    expected = slopes(attention, QUERY, MEMORY, MASK, with_keys)
    for result, each in zip(results, expected, strict=True):
        np.testing.assert_allclose(result, each, atol=1e-6)


@every_kind
@pytest.mark.parametrize("dtype", ["int64", "bool", "float64"])
def test_inputs_of_other_dtypes_are_cast(kind, dtype):
    attention = KINDS[kind]()
    query, memory = (np.abs(2 * x).astype(dtype) for x in (QUERY, MEMORY))
    results = attention(query, memory, memory_mask=MASK)
    expected = attention(
        query.astype("f4"), memory.astype("f4"), memory_mask=MASK
    )
    for result, each in zip(results, expected, strict=True):
        assert result.dtype == "float32"
        np.testing.assert_allclose(result, each, atol=1e-6)
