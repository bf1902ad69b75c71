"""Scores are those of sacreBLEU, and follow the decoding options."""

import json
import shutil

import numpy as np
import pytest
import sacrebleu
import tensorflow as tf
from sacrebleu.metrics import BLEU
from sacrebleu.metrics import CHRF

from apps.translation.data import german
from apps.translation.data import sentences
from apps.translation.evaluation import evaluation
from apps.translation.evaluation import scores
from common import files
from common import runner
from tests.apps.translation import tiny

REFERENCES = [target for _, target in sentences.pairs(60, "scores")]
TRANSLATIONS = [*REFERENCES[1:31], *REFERENCES[30:]]


def as_bytes(texts):
    return np.array([text.encode() for text in texts], object)


def test_scores_are_those_of_sacrebleu():
    statistics = scores.statistics(as_bytes(TRANSLATIONS), as_bytes(REFERENCES))
    expected = {
        "bleu": sacrebleu.corpus_bleu(TRANSLATIONS, [REFERENCES]).score,
        "chrf": sacrebleu.corpus_chrf(TRANSLATIONS, [REFERENCES]).score,
    }
    assert scores.corpus_scores(statistics) == pytest.approx(expected)
    rows = {name: values[:40] for name, values in statistics.items()}
    part = sacrebleu.corpus_bleu(TRANSLATIONS[:40], [REFERENCES[:40]]).score
    assert scores.corpus_scores(rows)["bleu"] == pytest.approx(part)
    bleu, chrf = scores.signatures()
    assert "case:mixed" in bleu and "tok:13a" in bleu
    assert chrf.startswith("chrF2|")


@pytest.mark.parametrize(
    ("text", "tokenizer"),
    [
        ("犬が{}匹います。", "char"),
        ("有{}只狗。", "zh"),
        ("มีหมา{}ตัว", "char"),
        ("Es gibt {} Hunde.", "13a"),
    ],
)
def test_the_script_of_the_references_chooses_the_tokenizer(
    text, tokenizer, monkeypatch
):
    monkeypatch.setattr(scores, "_has_mecab", lambda: False)
    texts = as_bytes([text.format(i) for i in range(5)])
    assert scores.tokenizer_of(texts) == tokenizer
    assert f"tok:{tokenizer}|" in scores.signatures(tokenizer)[0]
    perfect = scores.corpus_scores(scores.statistics(texts, texts))
    assert perfect == pytest.approx({"bleu": 100, "chrf": 100})
    next_numbers = as_bytes([text.format(i + 1) for i in range(5)])
    near = scores.corpus_scores(scores.statistics(next_numbers, texts))
    expected = sacrebleu.corpus_bleu(
        [t.decode() for t in next_numbers],
        [[t.decode() for t in texts]],
        tokenize=tokenizer,
    )
    assert near["bleu"] == pytest.approx(expected.score)


def test_mecab_cuts_japanese_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(scores, "_has_mecab", lambda: True)
    assert scores.tokenizer_of(as_bytes(["犬がいます。"])) == "ja-mecab"


def test_the_note_names_the_tokenizer(app):
    y = {"translation": as_bytes(["狗在跑。"])}
    bleu, _ = app.evaluation.notes(y, {}, {}).sentences
    assert "tok:zh|" in bleu


def test_numbers_and_dates_must_be_those_of_the_reference():
    references = [
        "Am ersten Mai neunzehnhundertsiebenundachtzig malt ein Mann.",
        "Die drei Männer malen einundzwanzig Uhren.",
        "Die drei Männer malen einundzwanzig Uhren.",
        "Ein Mann malt.",
    ]
    translations = [
        "Am ersten Mai neunzehnhundertsiebenundfünfzig malt ein Mann.",
        "Drei Frauen sehen einundzwanzig.",
        "Einundzwanzig Männer malen die drei Uhren.",
        "Drei Männer malen.",
    ]
    equal = scores.equal_parts(
        as_bytes(translations), as_bytes(references), german.numbers
    )
    np.testing.assert_array_equal(equal, [0, 1, 0, np.nan])


def test_exact_matches_and_numbers_are_shares_of_sentences(app):
    targets = ["Drei Männer.", "Drei Männer.", "Ein Mann.", "Ein Mann."]
    answers = ["Drei Männer.", "Zwei Männer.", "Ein Mann.", "Eine Frau."]
    statistics = app.evaluation.per_example(
        {"translation": as_bytes(targets)}, {"translation": as_bytes(answers)}
    )
    metrics = app.evaluation.measure(statistics)
    assert (metrics["exact_match"], metrics["number_accuracy"]) == (0.5, 0.5)


# Private API of sacreBLEU: these fail when a release changes it.


def test_sacrebleu_has_statistics_of_each_sentence():
    bleu, chrf = (
        scores.sentence_statistics(metric(), ["a b c d e"], ["a b c d f"])
        for metric in (BLEU, CHRF)
    )
    # Lengths of translation and reference; n-grams that match; all n-grams.
    assert bleu.tolist() == [[5, 5, 4, 3, 2, 1, 5, 4, 3, 2]]
    assert chrf.shape == (1, 18)


def test_sacrebleu_scores_summed_statistics():
    for metric in (BLEU, CHRF):
        rows = scores.sentence_statistics(metric(), TRANSLATIONS, REFERENCES)
        expected = metric().corpus_score(TRANSLATIONS, [REFERENCES]).score
        score = scores.score_of_sums(metric(), rows.sum(0))
        assert score == pytest.approx(expected)


def test_bleu_selects_the_epoch():
    metric = evaluation.TranslationEvaluation.primary_metric
    assert metric.name == "bleu" and metric.selects_epoch


@pytest.mark.usefixtures("eager")
def test_perplexity_is_that_of_the_target_tokens(model):
    pairs = sentences.pairs(6, "assess")
    assessed = model.assess(*next(iter(tiny.examples(pairs).batch(6))))
    inputs, targets = tiny.inputs_of(model, pairs)
    logs = tf.nn.log_softmax(model(inputs))
    logs = tf.gather(logs, targets, batch_dims=2)
    is_token = tf.cast(targets > 0, tf.float32)
    np.testing.assert_allclose(
        assessed["log_probability"],
        tf.reduce_sum(logs * is_token, 1),
        rtol=1e-4,
    )
    np.testing.assert_array_equal(
        assessed["tokens"], tf.reduce_sum(is_token, 1)
    )


@pytest.mark.extended
def test_averaged_weights_change_the_perplexity(trained_app, trained_model):
    last = tiny.changed(trained_app, average_epochs=1).load_model()
    pairs = tiny.examples(sentences.pairs(6, "assess"))
    batch = next(iter(pairs.batch(6)))
    assert np.all(
        last.assess(*batch)["log_probability"]
        != trained_model.assess(*batch)["log_probability"]
    )


@pytest.mark.extended
def test_a_report_has_baselines_and_signatures(exports):
    path = exports[3] / "assets.extra" / "metrics.json"
    report = json.loads(path.read_text())
    assert report["options"]["beam_width"] == 3
    of_texts = {"bleu", "chrf", "exact_match", "number_accuracy"}
    assert set(report["metrics"]) == {*of_texts, "perplexity"}
    assert set(report["baselines"]) == {"IBM model 1", "copy"}
    assert set(report["baselines"]["copy"]) == of_texts
    assert report["notes"] == scores.signatures()


@pytest.mark.slow
def test_evaluates_with_other_decoding_options(trained_app, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(trained_app.config.run_dir, folder)
    reports = []
    for options in ({}, {"beam_width": 1}, {"average_epochs": 1}):
        runner.evaluate(
            tiny.changed(trained_app, run_dir=str(folder), **options)
        )
        reports.append(files.read_json(folder / "metrics.json"))
    beam, greedy, last = (report["metrics"] for report in reports)
    assert beam["chrf"] != greedy["chrf"]
    assert beam["perplexity"] == greedy["perplexity"] != last["perplexity"]
    assert [r["options"]["beam_width"] for r in reports] == [3, 1, 3]
    assert set(reports[0]["baselines"]) == {"IBM model 1", "copy"}
