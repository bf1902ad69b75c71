"""Translation: what it reads, learns, answers and shows."""

import dataclasses
import functools
import gzip
import io
import json
import pathlib
import re
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import sacrebleu
import tensorflow as tf

from apps.translation import baseline
from apps.translation import data
from apps.translation import german
from apps.translation import heatmap
from apps.translation import multi30k
from apps.translation import sample
from apps.translation import scores
from apps.translation.__main__ import Translation
from apps.translation.ensemble import Ensemble
from apps.translation.model import Translator
from apps.translation.options import TranslationConfig
from common import runner
from common.data.records import BadRecords
from common.errors import UserError
from common.generation import losses
from common.text import byte_tokenizer
from common.training import train_step as step_lib
from common.training import trainer

SPLITS = ["train", "valid", "test"]
SHORT = [("A cook.", "Ein Koch."), ("Old?", "Alt?"), ("Six.", "Sechs.")]
ODD = ["", "   ", "word " * 10_000, "汉字 и кириллица 😀", "a\0b", "\xff" * 9]


def bad_records(folder, allowed=0.0):
    return BadRecords(folder / "bad_records.csv", allowed)


def read(dataset, folder, split="train", pair="en-de", data_dir=""):
    examples = data.load(
        str(dataset), pair, split, str(data_dir), bad_records(folder)
    )
    return [
        (x["text"].numpy().decode(), y.numpy().decode()) for x, y in examples
    ]


# Data.


def test_numbers_are_written_as_germans_say_them():
    said = {
        1: "eins",
        16: "sechzehn",
        21: "einundzwanzig",
        30: "dreißig",
        99: "neunundneunzig",
        1100: "elfhundert",
        1987: "neunzehnhundertsiebenundachtzig",
        2001: "zweitausendeins",
    }
    assert {n: german.number(n) for n in said} == said
    assert [german.ordinal(n) for n in (1, 3, 7, 19, 20)] == (
        ["ersten", "dritten", "siebten", "neunzehnten", "zwanzigsten"]
    )


@pytest.mark.parametrize(
    ("determiner", "count", "case", "expected"),
    [
        ("der", 1, "nominative", "der alte Hund"),
        ("der", 1, "accusative", "den alten Hund"),
        ("ein", 1, "nominative", "ein alter Hund"),
        ("kein", 1, "accusative", "keinen alten Hund"),
        ("der", 0, "nominative", "die alten Hunde"),
        ("", 0, "accusative", "alte Hunde"),
        ("", 3, "nominative", "drei alte Hunde"),
        ("mein", 3, "accusative", "meine drei alten Hunde"),
    ],
)
def test_articles_and_adjectives_agree(determiner, count, case, expected):
    noun = ("m", "Hund", "Hunde")
    found = german.noun_phrase(determiner, ["alt"], noun, count, case)
    assert found == expected


def test_the_sample_is_the_same_each_time_and_its_splits_differ():
    assert sample.pairs(50, "train") == sample.pairs(50, "train")
    train = set(sample.pairs(data.SAMPLES["train"], "train"))
    test = sample.pairs(data.SAMPLES["test"], "test")
    assert sum(pair in train for pair in test) < 0.02 * len(test)


def test_a_source_of_the_sample_has_one_translation():
    translations = {}
    for source, target in sample.pairs(20_000, "all"):
        assert translations.setdefault(source, target) == target


def write_multi30k(folder):
    for split, name in multi30k.SPLITS.items():
        for language in ("en", "de"):
            text = f"{split} one {language}\n{split} two {language}\n"
            path = folder / f"{name}.{language}.gz"
            path.write_bytes(gzip.compress(text.encode()))


@pytest.mark.parametrize("inside", ["", "data/task1/raw"])
def test_multi30k_is_read_in_place(tmp_path, inside):
    folder = tmp_path / inside
    folder.mkdir(parents=True, exist_ok=True)
    write_multi30k(folder)
    found = read("multi30k", tmp_path, "valid", "de-en", tmp_path)
    assert found == [
        ("valid one de", "valid one en"),
        ("valid two de", "valid two en"),
    ]


def test_files_of_different_length_are_refused(tmp_path):
    write_multi30k(tmp_path)
    (tmp_path / "train.de.gz").write_bytes(gzip.compress(b"one\n"))
    with pytest.raises(UserError, match=r"has 2 lines.*has 1"):
        read("multi30k", tmp_path, data_dir=tmp_path)


def test_a_broken_file_is_named(tmp_path):
    write_multi30k(tmp_path)
    path = tmp_path / "train.de.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match=r"train\.de\.gz is broken"):
        read("multi30k", tmp_path, data_dir=tmp_path)


def test_what_is_missing_is_said_with_the_remedy(tmp_path):
    with pytest.raises(UserError, match=r"No train\.en\.gz in .*--data_dir"):
        read("multi30k", tmp_path, data_dir=tmp_path)
    with pytest.raises(UserError, match=r"No fra-eng\.zip in .*--data_dir"):
        read("tatoeba", tmp_path, pair="eng-fra", data_dir=tmp_path)
    with pytest.raises(UserError, match="changes too often"):
        read("tatoeba", tmp_path, pair="eng-fra")
    with pytest.raises(UserError, match="--pair=en-de is not in tatoeba"):
        read("tatoeba", tmp_path, data_dir=tmp_path)
    with pytest.raises(UserError, match="No data set 'wmt'"):
        read("wmt", tmp_path)
    with pytest.raises(UserError, match=r"absent\.tsv cannot be read"):
        read(tmp_path / "absent.tsv", tmp_path)


ROWS = "".join(
    f"Sentence {i // 2}.\tPhrase {i}\N{NARROW NO-BREAK SPACE}!{extra}\n"
    for i in range(400)
    for extra in ["\tCC-BY 2.0"]
)


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("packed", [True, False])
def test_tatoeba_is_split_by_the_source(tmp_path, columns, packed):
    text = ROWS if columns == 3 else ROWS.replace("\tCC-BY 2.0", "")
    if packed:
        with zipfile.ZipFile(tmp_path / "fra-eng.zip", "w") as archive:
            archive.writestr("_about.txt", "About.")
            archive.writestr("fra.txt", text)
    else:
        (tmp_path / "fra.txt").write_text(text)
    splits = {
        split: read("tatoeba", tmp_path, split, "eng-fra", tmp_path)
        for split in SPLITS
    }
    sources = {k: {source for source, _ in v} for k, v in splits.items()}
    assert not sources["train"] & (sources["valid"] | sources["test"])
    assert len(set.union(*sources.values())) == 200
    assert len(splits["train"]) == 2 * len(sources["train"])
    # One translation for each source that is scored.
    assert len(splits["test"]) == len(sources["test"]) > 0
    assert all("\u202f!" in target for _, target in splits["train"])


def test_a_translation_is_in_one_split_only(tmp_path, capsys):
    path = tmp_path / "own.tsv"
    rows = [(f"source {i}", f"target {i // 2}") for i in range(300)]
    path.write_text("".join(f"{s}\t{t}\n" for s, t in rows))
    found = {split: read(path, tmp_path, split) for split in SPLITS}
    targets = [{target for _, target in pairs} for pairs in found.values()]
    assert sum(map(len, targets)) == len(set.union(*targets)) == 150
    assert len(found["train"]) > 150
    kept = sum(map(len, found.values()))
    assert f"Left out {300 - kept} pairs" in capsys.readouterr().err


def test_own_sentences_are_two_files_or_one(tmp_path):
    pairs = [(f"source {i}", f"Ziel {i}") for i in range(100)]
    first, second = tmp_path / "own.en", tmp_path / "own.de"
    first.write_text("".join(f"{source}\r\n" for source, _ in pairs))
    second.write_text("".join(f"{target}\n" for _, target in pairs))
    path = tmp_path / "own.tsv"
    path.write_text("\ufeff" + "".join(f"{s}\t{t}\n" for s, t in pairs))
    for split in SPLITS:
        found = read(f"{first},{second}", tmp_path, split)
        assert found == read(path, tmp_path, split)
        assert set(found) <= set(pairs)


@pytest.mark.parametrize("line", [b"no tab", b"\ttarget", b"a\t\xff", b"a\t "])
def test_a_bad_row_is_named(tmp_path, line):
    path = tmp_path / "own.tsv"
    path.write_bytes(b"one\teins\n" + line + b"\n")
    with pytest.raises(UserError, match=rf"{re.escape(str(path))}, 2: "):
        read(path, tmp_path)


@pytest.mark.real_data
@pytest.mark.parametrize("pair", data.PAIRS["multi30k"])
def test_multi30k_as_published(tmp_path, public_data, pair):
    counts = [
        len(read("multi30k", tmp_path, split, pair, public_data("multi30k")))
        for split in SPLITS
    ]
    assert counts == [29_000, 1_014, 1_000]


@pytest.mark.real_data
def test_tatoeba_as_published(tmp_path, public_data):
    folder = public_data("tatoeba")
    records = bad_records(tmp_path)  # The same: the file is read once.
    splits = [
        data.load("tatoeba", "eng-fra", split, str(folder), records)
        for split in SPLITS
    ]
    splits = [
        [
            pair
            for x, y in split.batch(4096).as_numpy_iterator()
            for pair in zip(x["text"], y)
        ]
        for split in splits
    ]
    assert len(splits[0]) > 130_000
    assert min(map(len, splits)) > 1_500
    for first, second in ((0, 1), (0, 2), (1, 2)):
        for column in (0, 1):
            sentences = [
                {p[column] for p in splits[i]} for i in (first, second)
            ]
            assert not sentences[0] & sentences[1]


# Scores and baselines.


def test_the_scores_are_those_of_sacrebleu():
    pairs = sample.pairs(60, "scores")
    found = [b.encode() for _, b in pairs]
    found[:30] = found[1:31]
    references = [b for _, b in pairs]
    counts = scores.counts(
        np.array(found, object),
        np.array([r.encode() for r in references], object),
    )
    texts = [text.decode() for text in found]
    expected = {
        "bleu": sacrebleu.corpus_bleu(texts, [references]).score,
        "chrf": sacrebleu.corpus_chrf(texts, [references]).score,
    }
    assert scores.scores(counts) == pytest.approx(expected)
    rows = {name: values[:40] for name, values in counts.items()}
    part = sacrebleu.corpus_bleu(texts[:40], [references[:40]]).score
    assert scores.scores(rows)["bleu"] == pytest.approx(part)
    assert "case:mixed" in scores.signature()
    assert "tok:13a" in scores.signature()


def pairs_of(texts):
    sources, targets = zip(*texts)
    return tf.data.Dataset.from_tensor_slices(
        ({"text": tf.constant(sources)}, tf.constant(targets))
    )


def test_ibm_model_1_tells_words_apart_by_their_company():
    train = pairs_of(
        [
            ("the house", "das Haus"),
            ("the book", "das Buch"),
            ("a book", "ein Buch"),
        ]
    )
    test = pairs_of([("a house, a Zebra", "")])
    assert list(baseline.translations(train, test)) == [b"ein Haus, ein Zebra"]


def test_ibm_model_1_by_hand():
    # Words 0 and 1 of the source; one sentence has both, one only the first.
    ids = [np.array([0, 1]), np.array([0])]
    targets = [np.array([0, 1]), np.array([0])]
    assert list(baseline._most_probable(ids, targets, 2)) == [0, 1]


def test_the_loss_is_the_mean_over_tokens_with_smoothing():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 5)).astype("f4")
    targets = np.array([[1, 4, 0], [2, 0, 0]])
    logs = np.log(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True))
    nats = [
        -0.9 * logs[b, t, targets[b, t]] - 0.1 * logs[b, t].mean()
        for b, t in [(0, 0), (0, 1), (1, 0)]
    ]
    loss = losses.TokenCrossentropy(0.1)(tf.constant(targets), logits)
    np.testing.assert_allclose(loss, np.mean(nats), rtol=1e-5)


# The model.


def config(**options):
    tiny = {
        "vocabulary_size": 300,
        "embedding_size": 12,
        "units": 16,
        "epochs": 1,
        "batch_size": 16,
    }
    return TranslationConfig(**{**tiny, **options})


@functools.cache
def translator(seed=0, **options):
    """Returns a model that has weights, and has learned nothing.

    It is shared: to set it up, take a `translator.__wrapped__()`.
    """
    keras.utils.set_random_seed(seed)
    train = pairs_of(sample.pairs(60, "tiny"))
    model = Translator.create(config(**options), train)
    model(inputs_of(model)[0])
    return model


def inputs_of(model, pairs=SHORT):
    examples = pairs_of(pairs).batch(len(pairs)).map(model.preprocess)
    inputs, targets = next(iter(examples))
    dense = {name: rows.to_tensor() for name, rows in inputs.items()}
    return dense, targets.to_tensor()


VARIANTS = [
    {},
    {"attention": "bahdanau", "input_feeding": True, "cell": "gru"},
    {"attention": "none", "depth": 2, "bidirectional": False},
    {"reverse_source": True, "bidirectional": False},
    {"depth": 3, "residual": True, "cell": "peephole_lstm"},
    {"tied": False, "tokens": "words"},
    {"tokens": "characters", "cell": "simple_rnn"},
    {"depth": 2, "input_feeding": True, "cell": "layer_norm_lstm"},
]
every_variant = pytest.mark.parametrize(
    "options",
    [
        *VARIANTS[:3],
        *[pytest.param(v, marks=pytest.mark.slow) for v in VARIANTS[3:]],
    ],
    ids=str,
)


@every_variant
def test_the_steps_of_decoding_give_what_training_sees(options):
    model = translator(**options)
    inputs, targets = inputs_of(model)
    expected = tf.nn.log_softmax(model(inputs))
    step, states = model.start(inputs["source"], 1)
    for t in range(inputs["target"].shape[1]):
        logits, states, alignments = step(inputs["target"][:, t], states)
        there = targets[:, t] > 0
        np.testing.assert_allclose(
            tf.nn.log_softmax(logits)[there], expected[:, t][there], atol=1e-5
        )
        if options.get("attention") != "none":
            np.testing.assert_allclose(tf.reduce_sum(alignments, 1), 1, 1e-5)


@every_variant
def test_padding_changes_nothing(options):
    model = translator(**options)
    inputs, _ = inputs_of(model)
    expected = model(inputs)
    more = {k: tf.pad(v, [[0, 0], [0, 3]]) for k, v in inputs.items()}
    steps = inputs["target"].shape[1]
    np.testing.assert_allclose(model(more)[:, :steps], expected, atol=1e-5)


def test_reading_backwards_leaves_the_alignments_in_order():
    model = translator(reverse_source=True, bidirectional=False)
    tokens = tf.constant([[5, 6, 2, 0], [7, 8, 9, 2]])
    memory, mask, _ = model.encode(tokens)
    # What is read first knows of nothing else: now it is the last token.
    changed, _, _ = model.encode(tf.constant([[9, 6, 2, 0], [7, 8, 9, 2]]))
    same = np.isclose(memory, changed).all(-1)
    assert same[0].tolist()[:3] == [False, True, True]
    assert mask.numpy().tolist() == [[True] * 3 + [False], [True] * 4]


@pytest.mark.parametrize(
    "options",
    [
        *[pytest.param(v, marks=pytest.mark.slow) for v in VARIANTS],
        {"teacher_forcing": 0.5, "reverse_source": True, "dropout": 0.3},
        {"label_smoothing": 0.1, "input_feeding": True, "dropout": 0.3},
    ],
    ids=str,
)
def test_a_step_of_training_changes_all_weights(options):
    model = translator.__wrapped__(**options)
    inputs, targets = inputs_of(model)
    model.test_step((inputs, targets))  # Makes the metrics.
    norm = keras.metrics.Mean()
    spec = tf.nest.map_structure(
        lambda t: tf.TensorSpec([None, None], t.dtype), (inputs, targets)
    )
    model.optimizer.build(model.trainable_variables)
    before = [v.numpy() for v in model.trainable_variables]
    step = step_lib.training_step(model, 1.0, norm, spec)
    assert step((inputs, targets)) == -1
    for old, variable in zip(before, model.trainable_variables):
        assert np.any(old != variable.numpy()), variable.path


def test_what_is_cut_off_has_no_mark_of_the_end():
    model = translator()
    words = "eins " * model.max_tokens
    short, long = model.target_tokens(tf.constant(["eins", words])).to_list()
    assert short[0] == long[0] == byte_tokenizer.START
    assert short[-1] == byte_tokenizer.END and byte_tokenizer.END not in long
    assert len(long) == model.max_tokens + 2


@pytest.mark.parametrize("options", [{}, {"teacher_forcing": 0.5}], ids=str)
def test_a_saved_model_comes_back(options, tmp_path):
    model = translator(**options)
    trainer.save_model(model, tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    text = tf.constant([source for source, _ in sample.pairs(5, "again")])
    for name, value in model.serve(text).items():
        np.testing.assert_array_equal(again.serve(text)[name], value)


def test_odd_sentences_are_answered():
    model = translator()
    found = model.serve(tf.constant(ODD))
    assert found["translation"].numpy()[:2].tolist() == [b"", b""]
    assert np.isfinite(found["score"]).all()
    steps = model.alternatives(tf.constant(ODD), 1)["tokens"].shape[2]
    assert steps <= model.max_tokens
    assert model.serve(tf.constant([], tf.string))["translation"].shape == [0]


def test_a_beam_of_one_translates_as_greedy_does():
    model = translator()
    text = tf.constant([source for source, _ in sample.pairs(20, "beam")])
    greedy = model.serve(text)
    beam = model.alternatives(text, 1)
    np.testing.assert_array_equal(
        beam["translations"][:, 0], greedy["translation"]
    )
    model = translator.__wrapped__()
    model.length_penalty = 0.0  # Now the score is the log probability.
    beam = model.alternatives(text, 1)
    np.testing.assert_allclose(beam["scores"][:, 0], greedy["score"], 1e-3)


def test_alternatives_come_with_tokens_and_alignments():
    model = translator.__wrapped__()
    model.beam_width = 3
    text = tf.constant([source for source, _ in sample.pairs(4, "beam")])
    found = model.alternatives(text, 3)
    assert found["translations"].shape == [4, 3]
    scores = found["scores"].numpy()
    assert (np.diff(scores, axis=1) <= 0).all()
    best = model.serve(text)
    np.testing.assert_array_equal(
        found["translations"][:, 0], best["translation"]
    )
    places, steps = found["source_tokens"].shape[1], found["tokens"].shape[2]
    assert found["alignments"].shape == [4, 3, steps, places]
    joined = tf.strings.reduce_join(found["source_tokens"], -1)
    np.testing.assert_array_equal(tf.strings.strip(joined), text)
    figure = heatmap.draw({k: v.numpy() for k, v in found.items()})
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert "".join(labels) == f" {text[0].numpy().decode()}end"


def test_a_seed_draws_the_same_translation():
    model = translator()
    text = tf.constant([source for source, _ in sample.pairs(4, "draw")])

    def drawn(seed):
        found = model.sample(text, 1.0, 0, 1.0, seed)
        return found["translation"].numpy().tolist()

    assert drawn(1) == drawn(1) != drawn(2)
    alone = model.sample(text[2:3], 1.0, 0, 1.0, 1)["translation"]
    assert drawn(1)[2:3] == alone.numpy().tolist()
    greedy = model.serve(text)["translation"].numpy().tolist()
    coldest = model.sample(text, 0.0, 0, 1.0, 1)["translation"]
    assert coldest.numpy().tolist() == greedy


def test_the_perplexity_is_that_of_the_tokens():
    model = translator()
    pairs = sample.pairs(6, "assess")
    x, y = next(iter(pairs_of(pairs).batch(6)))
    found = model.assess(x, y)
    inputs, targets = inputs_of(model, pairs)
    logs = tf.nn.log_softmax(model(inputs))
    logs = tf.gather(logs, targets, batch_dims=2)
    there = tf.cast(targets > 0, tf.float32)
    np.testing.assert_allclose(
        found["log_probability"], tf.reduce_sum(logs * there, 1), rtol=1e-4
    )
    np.testing.assert_array_equal(found["tokens"], tf.reduce_sum(there, 1))


def test_an_ensemble_of_one_model_twice_is_that_model():
    model = translator()
    both = Ensemble([model, model])
    text = tf.constant([source for source, _ in sample.pairs(8, "two")])
    alone, together = model.serve(text), both.serve(text)
    np.testing.assert_array_equal(together["translation"], alone["translation"])
    np.testing.assert_allclose(together["score"], alone["score"], rtol=1e-4)
    x, y = next(iter(pairs_of(sample.pairs(6, "two")).batch(6)))
    np.testing.assert_allclose(
        both.assess(x, y)["log_probability"],
        model.assess(x, y)["log_probability"],
        rtol=1e-4,
    )


def test_an_ensemble_takes_the_mean_of_probabilities():
    models = [translator(seed) for seed in (0, 1)]
    both = Ensemble(models)
    tokens = inputs_of(models[0])[0]["source"]
    start = tf.fill([len(SHORT)], byte_tokenizer.START)

    def probabilities(model):
        step, state = model.start(tokens, 1)
        return tf.nn.softmax(step(start, state)[0])

    mean = (probabilities(models[0]) + probabilities(models[1])) / 2
    np.testing.assert_allclose(probabilities(both), mean, rtol=1e-4)


def test_models_of_other_tokens_make_no_ensemble():
    with pytest.raises(UserError, match="other tokens"):
        Ensemble([translator(), translator(tokens="characters")])


# The commands.


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translation")

    class Tiny(Translation):
        watch = "val_loss"  # It falls, so that the last epoch is the best.

        def examples(self, split):
            return super().examples(split).take(60)

    app = Tiny(
        config(
            run_dir=str(folder / "run"),
            saved_models=str(folder / "models"),
            epochs=3,
            average=2,
        )
    )
    trainer.train(app)
    return app


def changed(app, **options):
    return type(app)(dataclasses.replace(app.config, **options))


def test_predict_shows_alternatives(app, capsys):
    runner.predict(changed(app, alternatives=3), "The old cook sleeps.", "One.")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    values = [float(line.split()[0]) for line in lines]
    assert values[:3] == sorted(values[:3], reverse=True)


def test_standard_input_is_translated_line_by_line(app, capsys, monkeypatch):
    lines = b"A cook.\n\n   \n\xff\xfe\na\0b\n\xe6\xb1\x89\n" + b"Old.\r\n" * 40
    standard_input = io.TextIOWrapper(io.BytesIO(lines))
    monkeypatch.setattr("sys.stdin", standard_input)
    runner.predict(app, "-")
    found = capsys.readouterr().out.split("\n")
    assert len(found) == 47  # One is behind the last newline.
    assert found[1] == found[2] == found[-1] == ""
    assert len(set(found[6:46])) == 1


def test_alternatives_that_are_none_are_not_shown(app, capsys):
    runner.predict(changed(app, alternatives=3), "")
    assert capsys.readouterr().out == "   0.000  \n"


def test_predict_draws_what_attended_to_what(app, tmp_path, capsys):
    path = tmp_path / "attention.png"
    runner.predict(changed(app, heatmap=str(path)), "The cook.", "My bag.")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize(
    ("options", "words", "problem"),
    [
        ({"heatmap": "a.jpg"}, ["One."], r"--heatmap=a\.jpg.*\.png"),
        ({"heatmap": "a.png"}, ["One."] * 9, "1 to 8 sentences.* not 9"),
        ({"heatmap": "a.png", "attention": "none"}, ["One."], "no attention"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_refused(
    app, options, words, problem
):
    with pytest.raises(UserError, match=problem):
        runner.predict(changed(app, **options), *words)


def test_evaluate_takes_other_ways_to_decode(app):
    reports = []
    for options in ({}, {"beam_width": 3}, {"average": 1}):
        runner.evaluate(changed(app, **options))
        path = pathlib.Path(app.config.run_dir) / "metrics.json"
        reports.append(json.loads(path.read_text()))
    both, beam, last = (report["metrics"] for report in reports)
    assert both["chrf"] != beam["chrf"]
    assert both["perplexity"] == beam["perplexity"] != last["perplexity"]
    assert reports[1]["options"]["beam_width"] == 3
    names = {reports[0]["baseline"]["name"], *reports[0]["other_baselines"]}
    assert names == {"IBM model 1", "copy"}


def test_an_export_has_no_scores_of_other_answers(app, tmp_path):
    runner.evaluate(changed(app, beam_width=3))
    cards = []
    for width in (3, 1):
        version = runner.export(
            changed(app, beam_width=width, saved_models=str(tmp_path))
        )
        extra = version / "assets.extra"
        cards.append((extra / "MODEL_CARD.md").read_text())
        assert (extra / "metrics.json").exists() == (width == 3)
        config = json.loads((extra / "config.json").read_text())
        assert config["beam_width"] == width
    assert "IBM model 1" in cards[0] and "--beam_width=3" in cards[0]
    assert "signature `alternatives`: text, beam_width -> " in cards[0]
    assert "Not evaluated with the options of this export" in cards[1]


def test_all_signatures_are_exported(app, tmp_path):
    version = runner.export(changed(app, saved_models=str(tmp_path)))
    found = tf.saved_model.load(version).signatures
    model = app.ready(trainer.load_model(app))
    text = tf.constant([source for source, _ in SHORT])
    draw = {
        "temperature": tf.constant(1.0),
        "top_k": tf.constant(0),
        "top_p": tf.constant(0.9),
        "seed": tf.constant(3),
    }
    for name, options in (
        ("alternatives", {"beam_width": tf.constant(3)}),
        ("sample", draw),
    ):
        expected = model.signatures()[name](text, **options)
        answers = found[name](text=text, **options)
        assert set(answers) == set(expected)
        for key, value in expected.items():
            np.testing.assert_array_equal(answers[key], value)


def test_an_ensemble_of_runs_is_evaluated_and_exported(app, tmp_path):
    folder = app.config.run_dir
    both = changed(app, ensemble=folder, saved_models=str(tmp_path))
    runner.evaluate(both)
    version = runner.export(both)
    alone = app.ready(trainer.load_model(app))
    served = tf.saved_model.load(version).signatures["serving_default"]
    text = tf.constant(["The old cook paints a bag."])
    assert served(text=text)["translation"] == alone.serve(text)["translation"]


def test_an_ensemble_of_a_run_that_is_not_there_is_refused(app, tmp_path):
    absent = changed(app, ensemble=str(tmp_path / "absent"))
    with pytest.raises(UserError, match="absent"):
        runner.evaluate(absent)


# Translates lines in batches of 64 with nothing but TensorFlow.
TRANSLATE = """
import sys
import tensorflow as tf
path, lines, answers = sys.argv[1:]
serve = tf.saved_model.load(path).signatures["serving_default"]
lines = open(lines, "rb").read().split(b"\\n")
found = []
for i in range(0, len(lines), 64):
    answer = serve(text=tf.constant(lines[i : i + 64]))
    scores = tf.strings.as_string(answer["score"], precision=9)
    found += tf.stack([answer["translation"], scores], 1).numpy().tolist()
tf.io.write_file(answers, tf.io.serialize_tensor(tf.constant(found)))
own = {name.split(".")[0] for name in sys.modules} & {"apps", "common"}
assert not own, own
"""


@pytest.mark.slow
@pytest.mark.parametrize("beam_width", [1, 5])
def test_a_thousand_sentences_letter_for_letter_elsewhere(
    app, beam_width, tmp_path
):
    app = changed(
        app, beam_width=beam_width, saved_models=str(tmp_path / "models")
    )
    version = runner.export(app)
    lines = [source.encode() for source, _ in sample.pairs(1000, "test")]
    (tmp_path / "lines").write_bytes(b"\n".join(lines))
    subprocess.run(
        [
            sys.executable,
            "-c",
            TRANSLATE,
            version,
            tmp_path / "lines",
            tmp_path / "answers",
        ],
        cwd=tmp_path,
        check=True,
    )
    model = app.ready(trainer.load_model(app))
    expected = []
    for i in range(0, 1000, 64):
        found = model.serve(tf.constant(lines[i : i + 64]))
        scores = tf.strings.as_string(found["score"], precision=9)
        expected += tf.stack([found["translation"], scores], 1).numpy().tolist()
    answers = (tmp_path / "answers").read_bytes()
    answers = tf.io.parse_tensor(answers, tf.string).numpy().tolist()
    assert answers == expected
    # So little trained, it says much the same; not with the same probability.
    assert len({score for _, score in answers}) > 900
