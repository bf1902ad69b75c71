"""Captioning: what it sees, learns, says and shows."""

import dataclasses
import functools
import io
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from apps.captioning import baseline
from apps.captioning import opening
from apps.captioning import sample
from apps.captioning import scores
from apps.captioning import surroundings
from apps.captioning.__main__ import Captioning
from apps.captioning.encoder import ENCODERS
from apps.captioning.encoder import Encoder
from apps.captioning.model import Captioner
from apps.captioning.options import CaptioningConfig
from common import runner
from common.data import batching
from common.errors import UserError
from common.evaluation.metrics import captions
from common.text import byte_tokenizer
from common.training import train_step as step_lib
from common.training import trainer

SMALL = dict(image_size=32, embedding_size=8, units=8, batch_size=4)


@functools.cache
def scenes():
    return sample.scenes(24, "some")


def examples():
    files, captions = zip(*scenes())
    return tf.data.Dataset.from_tensor_slices(
        (
            {"image_bytes": tf.constant(files)},
            tf.constant(["\n".join(said) for said in captions]),
        )
    )


def captioner(**options):
    keras.utils.set_random_seed(0)
    config = CaptioningConfig(**{**SMALL, **options})
    model = Captioner.create(config, examples())
    model.build(None)
    return model, config


def pictures(count=5):
    return tf.constant([png for png, _ in scenes()[:count]])


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """Returns a file of weights, and keeps what is cached apart."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keras.utils.set_random_seed(1)
    encoder = Encoder("mobilenet_025", 32, True)
    for variable in encoder.network.weights:
        if variable.name == "kernel":
            # As if it was trained: what is seen gets through all layers.
            variable.assign(3 * variable)
    path = tmp_path / "mobilenet.weights.h5"
    encoder.network.save_weights(path)
    return path


# Text.


def test_captions_are_small_letters_without_punctuation():
    text = tf.constant([" A man's DOG, two-tone .", "Ça va?! (très)", "\xff"])
    plain = [t.decode() for t in Captioner.plain(text).numpy()]
    assert plain[:2] == ["a man's dog two-tone", "ça va très"]


def test_all_captions_of_a_picture_are_in_a_step():
    model, _ = captioner()
    lines = tf.constant(["a small red circle\na red circle", "a"])
    tokens = model.training_tokens(lines).to_tensor().numpy()
    assert tokens.shape == (2, 6, 5)
    first = tokens[0].T
    assert model.target.join(first).numpy().tolist() == [
        b"a small red circle",
        b"a red circle",
        b"",
        b"",
        b"",
    ]
    assert first[1].tolist()[0] == byte_tokenizer.START
    assert first[1].tolist()[4:] == [byte_tokenizer.END, 0]
    assert not first[2:].any()


# Training.


def trained_a_step(model, config):
    """Returns the variables before a step, and what the step answers."""
    batches, _ = batching.training_batches(examples(), model, config)
    batch = next(iter(batches))
    model.optimizer.build(model.trainable_variables)
    before = [v.numpy() for v in model.trainable_variables]
    norm = keras.metrics.Mean()
    step_lib.test_step(model, batches.element_spec)
    step = step_lib.training_step(model, 1.0, norm, batches.element_spec)
    return before, step(batch)


@pytest.mark.parametrize(
    "options",
    [
        {"doubly_stochastic": 1.0, "label_smoothing": 0.1},
        {"attention": "none", "depth": 2, "cell": "gru"},
        pytest.param(
            {"attention": "luong", "input_feeding": True, "tied": False},
            marks=pytest.mark.slow,
        ),
        {"teacher_forcing": 0.0, "tokens": "subwords"},
        {"self_critical_epochs": 10, "teacher_forcing": 0.5},
    ],
    ids=str,
)
def test_a_step_of_training_changes_all_weights(options):
    model, config = captioner(**options)
    before, answer = trained_a_step(model, config)
    assert answer == -1
    for old, variable in zip(before, model.trainable_variables):
        assert np.any(old != variable.numpy()), variable.path


def test_what_no_word_looks_at_costs():
    model, config = captioner(dropout=0.0, doubly_stochastic=2.0)
    model.drawn = model.captions
    batches, _ = batching.training_batches(examples(), model, config)
    inputs = next(iter(batches))[0]
    *_, cost = model(inputs, training=True)
    grid = model.encoder(tf.cast(inputs["image"], tf.float32), training=True)
    memory, states = model.look(grid, training=True)
    lacking = []
    for i, rows in enumerate(tf.transpose(inputs["captions"], [0, 2, 1])):
        for tokens in rows:
            _, alignments = model.decoder(
                tokens[None, :-1],
                memory[i : i + 1],
                None,
                [state[i : i + 1] for state in states],
            )
            steps = int(tf.math.count_nonzero(tokens[1:]))
            paid = alignments.numpy()[0, :steps].sum(0)
            lacking.append(np.mean((1 - paid) ** 2))
    np.testing.assert_allclose(cost, 2 * np.mean(lacking), rtol=1e-4)


def test_a_fixed_encoder_is_asked_once(weights, monkeypatch):
    model, config = captioner(
        encoder="mobilenet_025", encoder_weights=str(weights)
    )
    asked = []
    monkeypatch.setattr(
        model.cache,
        "compute",
        lambda contents: asked.append(len(contents)) or model.see(contents)[0],
    )
    for _ in range(2):
        batches = batching.batches(examples(), model, 24)
        (inputs,) = next(iter(batches))
    assert sum(asked) == 24
    order = [
        [c.decode() for c in model.target.join(tf.transpose(t)).numpy()]
        for t in inputs["captions"]
    ]
    places = [[said for _, said in scenes()].index(said) for said in order]
    expected, readable = model.see(tf.gather(pictures(24), places))
    assert tf.reduce_all(readable)
    np.testing.assert_allclose(inputs["image"], expected, atol=1e-5)


def test_what_was_cut_short_in_the_cache_is_computed_again(weights):
    model, _ = captioner(encoder="mobilenet_025", encoder_weights=str(weights))
    contents = examples().map(lambda x, y: x["image_bytes"])
    model.cache.fill(contents)
    file, *_ = model.cache.folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    model.cache.fill(contents)
    assert len(file.read_bytes()) == len(whole)


def test_a_fixed_encoder_stays_as_it_is(weights):
    model, config = captioner(
        encoder="mobilenet_025", encoder_weights=str(weights)
    )
    before = model.encoder.network.get_weights()
    trained_a_step(model, config)
    for old, new in zip(before, model.encoder.network.get_weights()):
        np.testing.assert_array_equal(old, new)
    assert not model.encoder.trainable_variables


@pytest.mark.slow
def test_fine_tuning_moves_the_encoder_and_keeps_its_averages(weights):
    model, config = captioner(
        encoder="mobilenet_025", encoder_weights=str(weights), fine_tune=True
    )
    network = model.encoder.network
    averages = [v.numpy() for v in network.non_trainable_variables]
    before = [v.numpy() for v in network.trainable_variables]
    trained_a_step(model, config)
    for old, variable in zip(before, network.trainable_variables):
        assert np.any(old != variable.numpy()), variable.path
    for old, variable in zip(averages, network.non_trainable_variables):
        np.testing.assert_array_equal(old, variable)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoder_weights": "none.h5"}, "No file --encoder_weights=none.h5"),
        ({"encoder_weights": __file__}, "trained from scratch"),
        (
            {"encoder_weights": __file__, "encoder": "mobilenet"},
            "cannot be taken for --encoder=mobilenet",
        ),
    ],
)
def test_weights_of_no_encoder_are_refused(options, message):
    with pytest.raises(UserError, match=message):
        captioner(**options)


def test_the_encoders_are_those_of_the_options():
    fields = {f.name: f for f in dataclasses.fields(CaptioningConfig)}
    assert fields["encoder"].metadata["choices"] == list(ENCODERS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENCODERS)
def test_every_encoder_sees_what_differs(kind):
    encoder = Encoder(kind, 96, True)
    pixels = tf.random.stateless_uniform([2, 96, 96, 3], [0, 1]) * 255
    first, second = encoder(pixels).numpy()
    assert first.shape == encoder.grid_shape
    assert np.isfinite(first).all() and np.any(first != second)


def test_a_place_knows_what_shares_its_row_or_column():
    layer = surroundings.Surroundings(5, 8)
    layer.build((None, None, 3))
    grid = np.random.default_rng(0).normal(size=(1, 5, 5, 3))
    other = grid.copy()  # Of the same mean and variance.
    other[0, 1, 3], other[0, 2, 0] = grid[0, 2, 0], grid[0, 1, 3]
    seen, told = (
        layer(value.reshape(1, 25, 3).astype("f4")).numpy().reshape(5, 5, -1)
        for value in (grid, other)
    )
    assert seen.shape == (5, 5, layer.size) == (5, 5, 16)
    expected = np.zeros([5, 5], bool)
    expected[[1, 2]] = expected[:, [3, 0]] = True
    differs = np.abs(seen - told).max(-1) > 1e-5
    np.testing.assert_array_equal(differs, expected)


# Self-critical training.


def test_drawn_captions_are_judged_beside_the_greedy_one():
    model, config = captioner(self_critical_epochs=1)
    batches, _ = batching.training_batches(examples(), model, config)
    inputs = next(iter(batches))[0]
    grid = model.encoder(tf.cast(inputs["image"], tf.float32))
    references = tf.transpose(inputs["captions"], [0, 2, 1])
    drawn, better = model.self_critical.drawn(model, grid, references)
    assert drawn.shape[:2] == (4, model.drawn)
    assert tf.reduce_all(drawn[..., 0] == byte_tokenizer.START)
    limits = tf.fill([4], model.max_tokens)
    greedy = model.greedy(grid, limits)
    corpus = [
        [without_padding(row[1:]) for row in tf.transpose(tokens)]
        for tokens in model.training_tokens(
            tf.constant(["\n".join(said) for _, said in scenes()])
        )
    ]

    def judged(tokens, i):
        others = [without_padding(row[1:]) for row in references[i]]
        return captions.cider_d([tokens], [others], corpus)[0]

    for i in range(4):
        tokens = without_padding(greedy.tokens[i, 0])
        if len(tokens) < model.max_tokens:
            tokens.append(byte_tokenizer.END)
        floor = judged(tokens, i)
        for j in range(model.drawn):
            mine = judged(without_padding(drawn[i, j, 1:]), i)
            found = float(better[model.drawn * i + j])
            np.testing.assert_allclose(found, mine - floor, atol=1e-3)


def without_padding(tokens):
    return [int(token) for token in tokens if token]


def test_self_critical_training_makes_better_captions_likelier():
    model, _ = captioner(dropout=0.0, doubly_stochastic=0.0)
    logits = tf.random.stateless_normal([2, 3, 9], [0, 1])
    targets = tf.constant([[4, 5, 2], [6, 2, 0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = model.compute_loss(
            y_pred=(logits, targets, tf.constant([2.0, -1.0]), 0.0)
        )
    slope = tape.gradient(loss, logits)
    # Down the slope, the token of what is better rises, of the other falls.
    assert slope[0, 0, 4] < 0 < slope[1, 0, 6]
    np.testing.assert_array_equal(slope[1, 2], 0)


# Answers.


@pytest.fixture(scope="module")
def model():
    return captioner(label_smoothing=0.0)[0]


def test_a_picture_that_cannot_be_read_has_no_caption(model):
    contents = [*pictures(2).numpy(), b"no picture", b""]
    found = model.serve(tf.constant(contents))
    alone = model.serve(pictures(2))
    assert found["caption"].numpy()[2:].tolist() == [b"", b""]
    assert found["score"].numpy()[2:].tolist() == [0, 0]
    np.testing.assert_array_equal(found["caption"][:2], alone["caption"])
    assert model.serve(tf.constant([], tf.string))["caption"].shape == [0]


def test_a_beam_of_one_says_what_greedy_does(model):
    greedy = model.serve(pictures())
    beam = model.alternatives(pictures(), 1)
    np.testing.assert_array_equal(greedy["caption"], beam["captions"][:, 0])


def test_alternatives_tell_where_each_token_looked(model):
    found = model.alternatives(pictures(), 3)
    captions, tokens = found["captions"].numpy(), found["tokens"].numpy()
    assert captions.shape == (5, 3)
    joined = b"".join(tokens[1, 2]).decode(errors="replace")
    assert joined.removeprefix(" ") == captions[1, 2].decode()
    assert found["alignments"].shape[3:] == (4, 4)
    sums = tf.reduce_sum(found["alignments"], [3, 4]).numpy()
    np.testing.assert_allclose(sums[tokens != b""], 1, rtol=1e-5)
    assert np.all(np.diff(found["scores"]) <= 1e-6)


def test_diverse_captions_begin_with_different_tokens(model):
    found = model.diverse(pictures(), 1e3)
    for row in found["tokens"].numpy():
        assert len({caption[0] for caption in row}) == 5


def test_a_seed_draws_the_same_caption(model):
    draw = functools.partial(
        model.sample, pictures(), tf.constant(1.0), tf.constant(0)
    )
    first, again, other = (
        draw(tf.constant(1.0), tf.constant(seed))["caption"].numpy().tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_a_saved_model_comes_back(model, tmp_path):
    trainer.save_model(model, tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    for name, value in model.serve(pictures()).items():
        np.testing.assert_array_equal(again.serve(pictures())[name], value)


# Scores and baselines.


def test_scores_are_means_of_what_each_caption_counts():
    captions = np.array([b"a red dog", b"a red dog", b"A cat."], object)
    references = np.array([b"a red dog\nx", b"a cat", b"a cat"], object)
    seen = tf.data.Dataset.from_tensors(({}, tf.constant("a cat\na bird")))
    known = scores.known(seen)
    found = scores.scores(scores.counts(captions, references, known))
    assert found["distinct_share"] == pytest.approx(2 / 3)
    assert found["novel_share"] == pytest.approx(2 / 3)
    assert set(found) >= {"bleu_1", "bleu_4", "rouge_l", "cider_d"}
    assert found["bleu_1"] == pytest.approx(6 / 8, abs=1e-6)


def test_the_nearest_picture_is_the_picture_itself(model):
    captions = baseline.nearest(model, examples(), examples().take(5))
    for caption, (_, said) in zip(captions, scenes()):
        assert caption.decode() in said


def test_the_most_common_caption_is_that_of_most_pictures():
    lines = ["a b\na b", "c\nd", "d\ne"]
    seen = tf.data.Dataset.from_tensor_slices(({"image_bytes": lines}, lines))
    assert baseline.most_common(seen, seen).tolist() == [b"d"] * 3


# The app.


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("captioning")

    class Tiny(Captioning):
        def examples(self, split):
            return super().examples(split).take(24)

    config = CaptioningConfig(
        **SMALL,
        epochs=1,
        run_dir=str(folder / "run"),
        saved_models=str(folder / "saved_models"),
    )
    app = Tiny(config)
    trainer.train(app)
    return app


@pytest.fixture
def folder(tmp_path):
    """Returns a folder with two pictures, and files that are none."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for i, (png, _) in enumerate(scenes()[:2]):
        image = Image.open(io.BytesIO(png))
        image.save(photos / f"{i}.jpg")
    cut = (photos / "0.jpg").read_bytes()[:-200]
    (tmp_path / "cut.jpg").write_bytes(cut)
    (tmp_path / "text.jpg").write_text("No picture at all.")
    (photos / "notes.txt").write_text("x")
    return tmp_path


def with_options(app, **options):
    return type(app)(dataclasses.replace(app.config, **options))


def test_pictures_of_files_folders_and_the_test_split(app, folder, capsys):
    photo = str(folder / "photos" / "0.jpg")
    runner.predict(app, photo, str(folder / "photos"), "test:3")
    lines = capsys.readouterr().out.splitlines()
    names = [line.split("\t")[0] for line in lines]
    assert names == [photo, photo, photo.replace("0.jpg", "1.jpg"), "test:3"]
    assert lines[0] == lines[1]


def test_what_cannot_be_read_is_named_and_the_others_go_on(app, folder, capsys):
    words = ["cut.jpg", "photos/0.jpg", "text.jpg", "none.jpg"]
    with pytest.raises(UserError, match="4 of 5 pictures could not be read"):
        runner.predict(app, *[str(folder / word) for word in words], "test:99")
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 1
    for word in ("cut.jpg", "text.jpg", "none.jpg"):
        assert re.search(rf"captioning: \S*{word} \S+.*\.\n", shown.err)


def test_alternatives_have_scores(app, capsys):
    for diversity in (0.0, 1.0):
        runner.predict(
            with_options(app, alternatives=3, diversity=diversity), "test:0"
        )
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 3
        found = [float(line.split("\t")[1]) for line in lines]
        assert found == sorted(found, reverse=True)


def test_figures_are_drawn(app, folder, capsys):
    files = {
        "attention_map": folder / "map.png",
        "sheet": folder / "sheet.png",
    }
    options = {name: str(path) for name, path in files.items()}
    runner.predict(with_options(app, **options), "test:0")
    out = capsys.readouterr().out
    for path in files.values():
        assert f"See {path}" in out
        with Image.open(path) as image:
            assert min(image.size) > 100


@pytest.mark.parametrize(
    ("options", "words", "message"),
    [
        ({"sheet": "x.gif"}, ["test:0"], "--sheet=x.gif: name a file .png"),
        (
            {"attention_map": "x.png"},
            ["test:0", "test:1"],
            "draws one picture",
        ),
        (
            {"attention_map": "x.png", "attention": "none"},
            ["test:0"],
            "no attention to draw",
        ),
    ],
)
def test_figures_that_cannot_be_drawn_are_refused(
    app, model, options, words, message
):
    with pytest.raises(UserError, match=message):
        list(with_options(app, **options).predict(model, words))


def test_a_folder_without_pictures_is_named(tmp_path):
    with pytest.raises(UserError, match=f"{tmp_path} holds no picture"):
        opening.named((str(tmp_path),))


def test_evaluate_parses_the_captions_of_the_sample(app, capsys):
    runner.evaluate(app)
    out = capsys.readouterr().out
    assert "nearest picture   most common" in out
    for name in ("accuracy", "bleu_4", "cider_d", "distinct_share"):
        assert name in out


def test_all_signatures_are_exported(app):
    path = runner.export(app)
    served = tf.saved_model.load(path)
    found = served.signatures["diverse"](
        image_bytes=pictures(2), diversity=tf.constant(1.0)
    )
    assert found["captions"].shape == (2, 5)
    found = served.signatures["alternatives"](
        image_bytes=pictures(2), beam_width=tf.constant(2)
    )
    assert found["alignments"].shape[3:] == (4, 4)
    card = (path / "assets.extra" / "MODEL_CARD.md").read_text()
    assert "tf.io.encode_png" in card
