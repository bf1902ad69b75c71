"""The language model: its network, its texts, and what can be asked of it."""

import itertools
import json
import pathlib
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from apps.language_model import __main__ as page
from apps.language_model import cache
from apps.language_model import data
from apps.language_model import dynamic
from apps.language_model import model as model_lib
from apps.language_model import nt_asgd
from apps.language_model import reading
from apps.language_model import sampled_softmax
from apps.language_model import spelling
from apps.language_model import streams
from apps.language_model import vocabulary
from apps.language_model.options import LanguageModelConfig
from common import runner
from common.data.records import BadRecords
from common.errors import UserError
from common.export import saved_model
from common.training import trainer
from common.training.state import State

WORDS = ["the", "dog", "dogs", "barks", "bark", "near", "said", "sad"]
ODD = [
    "",
    " \n\t",
    "qwxyz zyxwq",
    "\N{GRINNING FACE} \u200d",
    "nul\x00bytes",
    b"\xff\xfe\xc3(\xe2\x82",
    "the dog " * 12_500,  # 100,000 characters.
    "the dog\nnear",
]


def built(**options):
    """Returns a model whose weights are large enough to tell words apart."""
    keras.utils.set_random_seed(0)
    config = LanguageModelConfig(batch_size=2, units=5, embedding_size=4)
    names = (*model_lib.TRAINING, *model_lib.NETWORK)
    arguments = {name: getattr(config, name) for name in names}
    arguments |= {"tokens": WORDS, "unroll_steps": 3} | options
    built = model_lib.LanguageModel(**arguments)
    built.build(None)
    for weight in built.trainable_weights:
        weight.assign(tf.random.stateless_normal(weight.shape, [0, 1]) / 2)
    return built


# Tokens.


def test_words_become_ids_and_words_again():
    words = vocabulary.Vocabulary(WORDS, "word")
    ids = words(tf.constant(["the  dog\r\nflies <unk>", "", b"\xff"]))
    assert ids.to_list() == [[2, 3, 1, 0, 0], [], [0]]
    assert words.join(ids).numpy()[0] == b"the dog\n<unk> <unk>"
    assert words.lines(tf.constant(["dog", ""])).to_list() == [[3, 1], [1]]


def test_characters_become_ids_and_characters_again():
    letters = vocabulary.Vocabulary(["é", " ", "a"], "character")
    ids = letters(tf.constant(["a é\nb"]))
    assert ids.to_list() == [[4, 3, 2, 1, 0]]
    assert letters.join(ids[:, :4]).numpy()[0].decode() == "a é\n"


def test_the_most_frequent_tokens_are_learned():
    lines = tf.data.Dataset.from_tensor_slices(["b a <unk>", "a", "c <unk>"])
    assert vocabulary.learn(lines, "word", 0) == ["a", "b", "c"]
    assert vocabulary.learn(lines, "word", 4) == ["a", "b"]


# Streams.


def epoch(ids, seed=None, **options):
    options = {"streams": 2, "steps": 3, "varied": False} | options
    batches = streams.windows(np.array(ids, np.int32), **options)(seed)
    return [
        (x["tokens"].numpy(), x["anew"].numpy(), y.numpy()) for x, y in batches
    ]


def test_windows_follow_each_other_and_hold_each_token_once():
    first, second = epoch([10, 11, 12, 13, 14, 15, 16, 17, 18])
    np.testing.assert_array_equal(first[0], [[1, 10, 11], [14, 15, 16]])
    np.testing.assert_array_equal(first[2], [[10, 11, 12], [15, 16, 17]])
    np.testing.assert_array_equal(second[0], [[12, 13, 0], [17, 0, 0]])
    np.testing.assert_array_equal(second[2], [[13, 14, -1], [18, -1, -1]])
    assert first[1].all()
    assert not second[1].any()


@pytest.mark.parametrize("steps", [1, 2, 35])
@pytest.mark.parametrize("seed", [None, 0, 5_000_000_015])
def test_windows_of_varied_length_hold_each_token_once(steps, seed):
    found = epoch(range(1000), seed, steps=steps, varied=True)
    assert len(found) == -(-500 // steps)
    assert min(y.shape[1] for *_, y in found) > 0
    joined = np.concatenate([y for *_, y in found], 1)
    np.testing.assert_array_equal(joined.ravel(), range(1000))


def test_cuts_and_new_beginnings_differ_from_epoch_to_epoch():
    found = [epoch(range(4000), s, varied=True, steps=20) for s in (1, 1, 2)]
    lengths = [[y.shape[1] for *_, y in batches] for batches in found]
    assert lengths[0] == lengths[1] != lengths[2]
    anew = [np.stack([a for _, a, _ in batches]) for batches in found]
    np.testing.assert_array_equal(anew[0], anew[1])
    assert not np.array_equal(anew[0], anew[2])
    assert 0 < anew[0][1:].mean() < 0.1


# The network and its loss.


def test_the_state_is_carried_from_window_to_window():
    model = built()
    ids = np.tile(np.arange(10, dtype=np.int32), 4)[:39]
    batches = [*streams.windows(ids, 2, 5, False)(None)]
    nats = sum(
        np.prod(model.cross_entropy(y, model(x)), dtype=float)
        for x, y in batches
    )
    whole = [*streams.windows(ids, 2, 20, False)(None)]
    ((x, y),) = whole
    mean, count = model.cross_entropy(y, model(x))
    assert count == 39
    np.testing.assert_allclose(nats, mean * count, rtol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"cell": "gru", "depth": 2, "hidden_dropout": 0.5, "tied": False},
        {
            "cell": "time_skip",
            "locked_dropout": False,
            "dropout": 0.5,
            "input_dropout": 0.5,
            "samples": 4,
        },
        {
            "weight_dropout": 0.5,
            "embedding_dropout": 0.5,
            "activation_penalty": 2.0,
            "change_penalty": 1.0,
            "vary_unroll": True,
        },
    ],
)
def test_every_option_trains_and_tells(options):
    model = built(**options)
    model.compile("sgd")
    ids = np.arange(40, dtype=np.int32) % 10
    steps = {"streams": 2, "steps": 5, "varied": model.arguments["vary_unroll"]}
    before = [w.numpy() for w in model.trainable_weights]
    for x, y in streams.windows(ids, **steps)(3):
        model.train_on_batch(x, y)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        assert not np.array_equal(old, weight), weight.path
    logits, states = model.next(tf.constant([2, 3, 4]), model.network.zeros(3))
    assert logits.shape == (3, 10)
    assert [s.shape for s in states] == [
        (3, size) for size in sum(model.network.state_sizes, [])
    ]


def test_penalties_are_part_of_the_loss_in_training_only():
    model = built(activation_penalty=2.0, change_penalty=1.0)
    model.compile("sgd")
    ((x, y),) = streams.windows(np.arange(10, dtype=np.int32), 2, 5, False)(
        None
    )
    vectors = model(x, training=True)
    plain, _ = model.cross_entropy(y, vectors)
    steps = vectors[:, 1:] - vectors[:, :-1]
    penalties = 2 * np.mean(np.square(vectors)) + np.mean(np.square(steps))
    loss = model.compute_loss(x, y, vectors, training=True)
    np.testing.assert_allclose(loss, plain + penalties, rtol=1e-5)
    loss = model.compute_loss(x, y, model(x), training=False)
    np.testing.assert_allclose(loss, plain, rtol=1e-5)


def test_a_short_window_moves_the_weights_less():
    model = built(vary_unroll=True, unroll_steps=10)
    model.compile("sgd")
    ((x, y),) = streams.windows(np.arange(10, dtype=np.int32), 2, 5, False)(
        None
    )
    vectors = model(x, training=True)
    plain, _ = model.cross_entropy(y, vectors)
    loss = model.compute_loss(x, y, vectors, training=True)
    np.testing.assert_allclose(loss, plain * 5 / 10, rtol=1e-6)


def test_samples_of_a_softmax_stand_for_all_of_it():
    rng = np.random.default_rng(0)
    vectors, weights, bias = (
        tf.constant(rng.normal(size=shape), tf.float32)
        for shape in ((50, 4), (9, 4), (9,))
    )
    targets = tf.constant(rng.integers(0, 9, 50), tf.int32)
    whole = tf.nn.sparse_softmax_cross_entropy_with_logits(
        targets, vectors @ tf.transpose(weights) + bias
    )
    found = sampled_softmax.crossentropy(
        vectors,
        targets,
        weights,
        bias,
        20_000,
        keras.random.SeedGenerator(0),
    )
    np.testing.assert_allclose(found, whole, atol=0.05)


def test_averages_are_shown_and_weights_come_back():
    weight = keras.Variable([8.0])
    optimizer = nt_asgd.NTASGD(1.0)
    optimizer.build([weight])
    optimizer.apply([[1.0]])
    optimizer.swap(True)
    assert weight == 7  # There is no average yet.
    optimizer.watch([5.0, *[6.0] * 5])
    optimizer.apply([[1.0]])  # 6; were it triggered.
    optimizer.watch([5.0, *[6.0] * 6])
    for gradient in (2.0, 4.0, 0.0):  # From 6 to 4, 0 and 0.
        optimizer.apply([[gradient]])
    for shown, expected in [(True, 4 / 3), (True, 4 / 3), (False, 0)]:
        optimizer.swap(shown)
        np.testing.assert_allclose(weight, [expected], atol=1e-6)


def rates(decay):
    """Returns the step sizes at steps 0, 19, 20 and 39, of ten an epoch."""
    config = LanguageModelConfig(
        optimizer="sgd",
        learning_rate=8.0,
        decay=decay,
        full_epochs=2,
        epochs=4,
    )
    optimizer = model_lib.optimizer(config, steps=10)
    found = []
    for step in (0, 19, 20, 39):
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return found


def test_the_step_size_falls_after_the_full_epochs():
    assert rates(0.5) == [8, 8, 4, 2]
    assert rates(1.0) == [8, 8, 8, 8]


def test_without_decay_the_step_size_falls_along_a_cosine():
    first, *_, last = rates(0.0)
    assert first == 8
    assert 0 < last < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("call", [9, 11, 14])
def test_a_run_that_is_cut_off_while_it_averages_ends_with_the_same_bits(
    tmp_path, monkeypatch, call
):
    """Before, within and after validation, once the weights are averaged."""
    monkeypatch.setattr(nt_asgd.NTASGD, "watch", _always)
    text = tmp_path / "text.txt"
    text.write_text("the dog barks\nthe dogs bark\n" * 50)

    def app(folder):
        config = LanguageModelConfig(
            dataset=str(text),
            run_dir=str(tmp_path / folder),
            optimizer="nt_asgd",
            vary_unroll=True,
            samples=3,
            learning_rate=1.0,
            dropout=0.5,
            weight_dropout=0.5,
            units=4,
            embedding_size=4,
            batch_size=2,
            unroll_steps=60,
            epochs=3,
            checkpoint_minutes=0,
        )
        return page.LanguageModel(config)

    whole = trainer.train(app("whole"))
    save, calls = State.save, itertools.count(1)

    def cut_off(state):
        save(state)
        if next(calls) == call:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(State, "save", cut_off)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(app("cut"))
    continued = trainer.train(app("cut"))
    for first, second in zip(whole.variables, continued.variables, strict=True):
        np.testing.assert_array_equal(first, second)


def _always(optimizer, losses):
    optimizer.triggered.assign(1)


# What is asked of a text.


def test_token_by_token_is_the_same_as_all_at_once():
    model = built(depth=2)
    words = np.random.default_rng(0).choice([*WORDS, "?"], 200)
    score = model.score(tf.constant([" ".join(words)]))
    step = model.signatures()["step"]
    ids = model.vocabulary.lines(tf.constant([" ".join(words)]))[0]
    spec = step.input_signature
    state = {s.name: tf.zeros([1, s.shape[1]]) for s in spec[1:]}
    assert [*state] == [
        *("layer_1_state_1", "layer_1_state_2"),
        *("layer_2_state_1", "layer_2_state_2"),
    ]
    total, last = 0.0, vocabulary.END
    _, each, _ = model.score_tokens(tf.constant(" ".join(words)))
    for token, expected in zip(ids.numpy(), each.numpy(), strict=True):
        state = step(tf.constant([last]), *state.values())
        logs = tf.nn.log_softmax(state.pop("logits"))[0]
        np.testing.assert_allclose(logs[token], expected, atol=1e-5)
        total, last = total + float(logs[token]), token
    np.testing.assert_allclose(score["log_probability"], [total], rtol=1e-5)
    assert score["tokens"] == 201
    np.testing.assert_allclose(
        score["perplexity"], [np.exp(-total / 201)], rtol=1e-5
    )


@pytest.mark.slow
def test_a_hundred_thousand_steps_do_not_grow_memory(tmp_path):
    model = built(units=50, embedding_size=50, depth=2)
    path = saved_model.publish(model, tmp_path, {})
    loaded = tf.saved_model.load(path)
    step = loaded.signatures["step"]
    specs = step.structured_input_signature[1]
    state = {
        name: tf.zeros([1, spec.shape[1]])
        for name, spec in specs.items()
        if name != "ids"
    }

    def resident():
        with open("/proc/self/status") as lines:
            line = next(line for line in lines if "VmRSS" in line)
        return int(line.split()[1]) / 1024

    sizes = []
    for i in range(101_000):
        state = step(ids=tf.constant([i % 10]), **state)
        del state["logits"]
        if i % 1000 == 999:
            sizes.append(resident())
    assert max(sizes[1:]) - sizes[0] < 10  # MB


def test_an_empty_text_is_its_end():
    score = built().score(tf.constant(["", "\n", "dog\n", "dog", "dog\n\n"]))
    assert score["tokens"].numpy().tolist() == [1, 1, 2, 2, 3]
    logs = score["log_probability"].numpy()
    assert logs[0] == logs[1]
    assert logs[2] == logs[3]


def test_odd_input_is_answered_alone_as_in_a_batch():
    model = built()
    together = model.serve(tf.constant(ODD))["text"].numpy()
    scores = model.score(tf.constant(ODD))["log_probability"].numpy()
    assert np.isfinite(scores).all()
    for i, text in enumerate(ODD):
        assert model.serve(tf.constant([text]))["text"] == together[i]
        alone = model.score(tf.constant([text]))["log_probability"]
        np.testing.assert_allclose(alone, scores[i : i + 1], rtol=1e-4)
        assert len(together[i].decode()) > 0 or not text


@pytest.mark.parametrize(
    ("level", "tokens"), [("word", ["a", "b"]), ("character", ["a", "b", " "])]
)
def test_what_is_written_begins_with_the_prefix(level, tokens):
    model = built(level=level, tokens=tokens)
    for prefix in ("a b", "", "a\n", "?"):
        found = model.generate(tf.constant([prefix]), *drawing())["text"]
        text = found.numpy()[0].decode()
        assert text.startswith(prefix)
        assert "<unk>" not in text
        ids = model.vocabulary(tf.constant([text]))[0]
        written = len(ids) - len(model.vocabulary(tf.constant([prefix]))[0])
        assert written == 30


def drawing(temperature=1.0, penalty=1.0, length=30, seed=0):
    return temperature, 0, 1.0, penalty, length, seed


def written(model, *arguments):
    found = model.generate(tf.constant(["the"]), *drawing(*arguments))
    return found["text"].numpy()[0].decode()


def test_all_but_the_prefix_of_what_is_generated_may_be_left_out(tmp_path):
    model = built()
    found = model.generate(tf.constant(["the"]))["text"]
    drawn = dict(temperature=0.8, top_k=0, top_p=0.95, repetition_penalty=1.0)
    assert (
        found
        == model.generate(
            tf.constant(["the"]), *map(tf.constant, drawn.values()), 40, 0
        )["text"]
    )
    folder = saved_model.publish(model, tmp_path, {})
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    signature = saved.meta_graphs[0].signature_def["generate"]
    told = {
        name: tf.make_ndarray(value).item()
        for name, value in signature.defaults.items()
    }
    assert told == pytest.approx({**drawn, "length": 40, "seed": 0})


def test_the_seed_decides_on_what_is_drawn():
    model = built()
    drawn = {written(model, 1.0, 1.0, 30, seed) for seed in (0, 0, 1, 2)}
    assert len(drawn) == 3
    assert written(model, 0.0, 1.0, 30, 1) == written(model, 0.0, 1.0, 30, 2)


def test_a_repetition_penalty_makes_for_other_words():
    model = built()
    words = [set(written(model, 0.0, p).split()) for p in (1.0, 100.0)]
    assert len(words[1]) > len(words[0])


def test_probabilities_of_next_tokens_are_those_of_the_score():
    model = built()
    found = model.complete(tf.constant(["the dog", ""]), 99)
    assert found["probabilities"].shape == (2, 10)
    np.testing.assert_allclose(
        tf.reduce_sum(found["probabilities"], 1), 1, rtol=1e-5
    )
    tokens = found["tokens"].numpy()[0].tolist()
    place = tokens.index(b"bark")
    _, logs, expected = model.score_tokens(tf.constant("the dog bark"))
    np.testing.assert_allclose(
        found["probabilities"][0, place], np.exp(logs[2]), rtol=1e-5
    )
    p = found["probabilities"][0].numpy()
    np.testing.assert_allclose(expected[2], np.sum(p * np.log(p)), rtol=1e-5)


# Adapting to the text that is read.


def test_a_cache_by_hand():
    vectors = np.array([[0.0], [1.0], [2.0], [1.0]], np.float32)
    ids = np.array([5, 6, 5, 5])
    # The fourth, with a cache of 2, sees the second and the third.
    found = cache.shares(vectors, ids, 2, (0.0, 1.0))
    e = np.exp
    np.testing.assert_allclose(found[0], [0, 0, 1 / 2, 1 / 2], atol=1e-6)
    np.testing.assert_allclose(
        found[1],
        [0, 0, e(0) / (e(0) + e(2)), e(2) / (e(1) + e(2))],
        atol=1e-6,
    )
    logs = np.log(np.full(4, 0.5))
    mixed = np.exp(cache.mixed(logs, vectors, ids, 2, 0.0, 0.2))
    np.testing.assert_allclose(mixed, [0.5, 0.4, 0.5, 0.5], atol=1e-6)


def test_a_cache_does_not_depend_on_its_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(100, 3)).astype("f4")
    ids = rng.integers(0, 5, 100)
    whole = cache.shares(vectors, ids, 30, (0.5,))
    monkeypatch.setattr(cache, "BLOCK", 7)
    found = cache.shares(vectors, ids, 30, (0.5,))
    np.testing.assert_allclose(found, whole, rtol=1e-4)


def test_dynamic_evaluation_learns_and_forgets():
    model = built()
    text = np.tile(np.array([2, 3, 5, 1], np.int32), 60)
    before = [w.numpy() for w in model.trainable_weights]
    learner = dynamic.Dynamic(model, text)
    plain, _ = reading.read(model.follow, model.network.zeros(1), text, 50)
    still, _ = learner.read(text, 0.0, 0.0)
    np.testing.assert_allclose(still, plain, atol=1e-5)
    learned, _ = learner.read(text, 0.004, 0.002)
    assert learned[-40:].mean() > plain[-40:].mean() + 0.1
    # What has just been read is not known before.
    np.testing.assert_allclose(learned[:5], plain[:5], atol=1e-5)
    for old, weight in zip(before, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(old, weight)


# Spelling.


def edits(word):
    """Returns all strings one edit away from a word of a and b."""
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    found = {a + b[1:] for a, b in halves if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    for letter in "ab":
        found |= {a + letter + b for a, b in halves}
        found |= {a + letter + b[1:] for a, b in halves if b}
    return found


def test_distances_are_those_of_all_edits():
    near = edits("abba")
    far = {e for word in near for e in edits(word)}
    words = [
        "".join(w) for n in range(8) for w in itertools.product("ab", repeat=n)
    ]
    found = dict(zip(words, spelling.distances("abba", words).tolist()))
    assert {w for w, d in found.items() if d == 0} == {"abba"}
    assert {w for w, d in found.items() if d == 1} == near - {"abba"}
    # An edit within an edited part counts as more.
    assert {w for w, d in found.items() if d == 2} <= far


def test_a_word_is_corrected_where_its_context_asks_for_another():
    class Talker(tf.Module):
        """Says "the dog said" again and again."""

        vocabulary = vocabulary.Vocabulary(WORDS, "word")
        order = {1: "the", 2: "dog", 3: "said"}

        class network:
            @staticmethod
            def zeros(rows):
                return [tf.zeros([rows, 1])]

        def next(self, tokens, states):
            expected = tf.gather([2, 2, 3, 8, 8, 8, 8, 8, 1, 1], tokens)
            return 15 * tf.one_hot(expected, 10), states

    corrected = spelling.correct(Talker(), "teh dgo sad")
    assert corrected == "the dog said"
    assert spelling.correct(Talker(), "xqzwvk dog") == "xqzwvk dog"
    assert spelling.correct(Talker(), "") == ""


# Data, and the command line.


def load(dataset, split="train", folder="", level="word", allowed=0.0):
    bad_records = BadRecords(pathlib.Path("none.csv"), allowed)
    found = data.load(str(dataset), split, str(folder), level, bad_records)
    return [
        (x["prefix"].numpy().decode(), y.numpy().decode()) for x, y in found
    ]


def test_an_own_text_is_split_by_position(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\r\n".join(b"line %d" % i for i in range(100)) + b"\n")
    splits = [load(path, split) for split in ("train", "valid", "test")]
    assert [*map(len, splits)] == [90, 5, 5]
    assert splits[1][0] == ("line", "line 90")
    assert load(path, "test", level="character")[4] == ("lin", "line 99")


def test_published_sets_are_read_as_published(tmp_path):
    (tmp_path / "wiki.valid.tokens").write_text(" \n = Title = \n")
    assert load("wikitext-2", "valid", tmp_path) == [
        ("", " "),
        ("=", " = Title = "),
    ]
    with pytest.raises(UserError, match="No ptb.test.txt in --data_dir="):
        load("ptb", "test", tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("none.txt", None, "none.txt cannot be read"),
        ("binary.txt", bytes(range(256)) * 40, "cannot be read, more than"),
        ("nul.txt", b"a\x00b\n" * 40, "a NUL byte"),
        ("empty.txt", b"", "train split of .*empty.txt is empty"),
        ("short.txt", b"one line\n", "train split of .*short.txt is empty"),
    ],
)
def test_a_file_that_is_no_text_is_one_line(
    tmp_path, capsys, name, content, problem
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    argv = ["", "train", f"--dataset={path}", f"--run_dir={tmp_path}/run"]
    assert runner.run(page.LanguageModel, argv) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert re.search(problem, error)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Returns a function that asks a model of a small text."""
    folder = tmp_path_factory.mktemp("language_model")
    text = folder / "text.txt"
    lines = ["the dog barks", "the dogs bark", "the company said it would"]
    text.write_text("\n".join(lines * 40))
    sizes = ["--units=8", "--embedding_size=16", "--batch_size=4"]
    options = [f"--run_dir={folder}/run", f"--saved_models={folder}"]
    argv = ["", "train", f"--dataset={text}", *options, *sizes]
    more = ["--epochs=12", "--unroll_steps=5", "--learning_rate=0.03"]
    assert runner.run(page.LanguageModel, [*argv, *more]) == 0

    def ask(capsys, command, *words):
        capsys.readouterr()
        code = runner.run(page.LanguageModel, ["", command, *options, *words])
        return code, capsys.readouterr()

    ask.folder = folder
    return ask


def test_likely_words_are_listed(run, capsys):
    code, said = run(capsys, "predict", "--complete", "the dogs", "the company")
    assert code == 0
    first, second = said.out.splitlines()
    assert first.startswith("bark 0.")
    assert second.startswith("said 0.")
    assert len(first.split("  ")) == 5


def test_surprising_words_are_marked(run, capsys):
    code, said = run(capsys, "predict", "--score", "the dogs said bark zzz", "")
    assert code == 0
    first, second = said.out.splitlines()
    assert float(first.split()[0]) > 5
    assert "[said 1:" in first
    assert float(second.split()[0]) > 1


def test_misspelt_words_are_corrected_in_context(run, capsys):
    code, said = run(capsys, "predict", "--correct", "the compnay sad it woud")
    assert (code, said.out) == (0, "the company said it would\n")


def test_a_page_is_generated(run, capsys):
    words = "--page_length=50", "the"
    code, said = run(capsys, "generate", *words)
    assert code == 0
    assert said.out.startswith("the ")
    assert 40 < len(said.out.replace("\n", " <eos> ").split()) < 60
    assert run(capsys, "generate", *words)[1].out == said.out


def test_two_questions_at_once_are_refused(run, capsys):
    code, said = run(capsys, "predict", "--score", "--complete", "the")
    assert code == 2
    assert "choose one of them" in said.err


def test_evaluation_tells_what_cache_and_learning_give(run, capsys):
    code, said = run(
        capsys,
        "evaluate",
        "--cache_size=20",
        "--dynamic",
        "--plot",
        "--order=3",
    )
    assert code == 0
    folder = run.folder / "run"
    report = json.loads((folder / "metrics.json").read_text())
    names = {"", "_cache", "_dynamic", "_dynamic_cache"}
    assert {f"perplexity{name}" for name in names} < set(report["metrics"])
    others = {report["baseline"]["name"], *report["other_baselines"]}
    assert others == {"unigram", "bigram", "3-gram", "Kneser-Ney 3"}
    assert (folder / "plots" / "losses.png").stat().st_size
    assert "dynamic with cache: flatness" in said.out


def test_letters_are_told_in_bits(run, capsys):
    options = f"--run_dir={run.folder}/letters", "--level=character"
    small = "--units=4", "--embedding_size=4", "--epochs=1"
    text = f"--dataset={run.folder}/text.txt"
    assert run(capsys, "train", text, *options, *small)[0] == 0
    code, said = run(capsys, "evaluate", *options)
    assert code == 0
    report = json.loads((run.folder / "letters/metrics.json").read_text())
    metrics = report["metrics"]
    assert metrics["bits_per_character"] == pytest.approx(
        np.log2(metrics["perplexity"])
    )
    code, said = run(capsys, "predict", *options, "--correct", "teh")
    assert code == 1
    assert "--level=word" in said.err


@pytest.mark.parametrize("question", ["", "--complete", "--score"])
def test_odd_questions_are_answered_a_line_each(run, capsys, question):
    texts = "", "xyz zyx", "the dog " * 12_500
    words = [question, *texts] if question else texts
    code, said = run(capsys, "predict", *words)
    assert code == 0
    assert said.out.count("\n") == 3
