"""Error rates and notes by hand."""

import jiwer
import numpy as np
import pytest
import tensorflow as tf

from apps.speech import Speech
from apps.speech.config import SpeechConfig
from common.audio import writing


@pytest.fixture
def evaluation(tmp_path):
    return Speech(SpeechConfig(run_dir=str(tmp_path))).evaluation


def texts(*values):
    return {"transcript": np.array([v.encode() for v in values], object)}


def scores(evaluation, references, transcripts):
    statistics = evaluation.per_example(texts(*references), texts(*transcripts))
    return evaluation.measure(statistics)


REFERENCES = ("one two three", "four", "", "nine")
TRANSCRIPTS = ("one too three three", "", "six", "nine")


def test_metrics_by_hand(evaluation):
    assert scores(evaluation, REFERENCES, TRANSCRIPTS) == {
        "word_error_rate": pytest.approx(4 / 5),
        "character_error_rate": pytest.approx((1 + 6 + 4 + 3) / (13 + 4 + 4)),
        "sentence_error_rate": 3 / 4,
        "insertions": 2 / 5,
        "deletions": 1 / 5,
        "substitutions": 1 / 5,
    }


def test_metrics_are_those_of_jiwer(evaluation):
    rng = np.random.default_rng(0)
    references, transcripts = (
        [
            " ".join(rng.choice(["a", "bc", "ä"], rng.integers(0, 6)))
            for _ in range(50)
        ]
        for _ in range(2)
    )
    values = scores(evaluation, references, transcripts)
    pair = references, transcripts
    assert values["word_error_rate"] == pytest.approx(jiwer.wer(*pair))
    assert values["character_error_rate"] == pytest.approx(jiwer.cer(*pair))


def test_kinds_of_errors_add_up(evaluation):
    values = scores(evaluation, REFERENCES, TRANSCRIPTS)
    kinds = ("insertions", "deletions", "substitutions")
    total = sum(values[name] for name in kinds)
    assert values["word_error_rate"] == pytest.approx(total)


def test_references_without_words_do_not_divide_by_zero(evaluation):
    assert set(scores(evaluation, ["", ""], ["", ""]).values()) == {0.0}
    values = scores(evaluation, ["", ""], ["", "a b"])
    assert values["word_error_rate"] == values["insertions"] == 2


def test_white_space_is_no_error(evaluation):
    values = scores(evaluation, ["one two"], [" one  two\n"])
    assert set(values.values()) == {0.0}


def test_case_and_accents_are_errors(evaluation):
    assert scores(evaluation, ["Äpfel"], ["äpfel"])["word_error_rate"] == 1


def test_word_errors_select_the_epoch(evaluation):
    assert evaluation.epoch_metric.name == "word_error_rate"
    assert evaluation.epoch_metric.lower_is_better


def test_answers_of_any_width_are_joined(evaluation):
    """Alignments are as wide as the longest recording of their batch."""

    class Echo:
        width = 0

        def serve(self, audio):
            self.width += 1
            return {
                "transcript": audio,
                "starts": tf.zeros([len(audio), self.width]),
            }

    words = [b"a", b"b", b"c"] * 10
    examples = tf.data.Dataset.from_tensor_slices(
        ({"audio": words}, {"transcript": words})
    )
    y, outputs = evaluation.predict(Echo(), examples)
    assert set(outputs) == {"transcript"}
    assert outputs["transcript"].tolist() == words
    assert y["transcript"].tolist() == words


def test_baselines_answer_each_test_recording(evaluation, monkeypatch):
    rng = np.random.default_rng(0)
    tone = np.sin(np.arange(4000) ** 2 / 4e4)
    contents = [
        writing.wav_file(
            np.float32(np.pad(tone, 800) + rng.normal(0, 0.01, 5600)), 8000
        )
        for _ in range(3)
    ]
    examples = tf.data.Dataset.from_tensor_slices(
        ({"audio": contents}, {"transcript": ["one"] * 3})
    )
    monkeypatch.setattr(evaluation.app, "examples", lambda split: examples)
    answers = evaluation.baselines(None)
    assert set(answers) == {"template matching", "most frequent"}
    for outputs in answers.values():
        assert outputs["transcript"].tolist() == [b"one"] * 3


def test_recordings_of_a_speaker_are_resampled_together(
    evaluation, monkeypatch
):
    def clusters(speakers):
        dataset = evaluation.app.dataset
        monkeypatch.setattr(dataset, "speakers", lambda split: speakers)
        return evaluation.clusters(texts("one", "two", "one", "two"))

    assert clusters(None) is None
    ids = clusters(["ann", "bob", "ann", "bob", "ann"]).tolist()
    assert ids == [0, 1, 0, 1]
    assert len(set(clusters(["", "ann", "", "ann"]).tolist())) == 3


def test_notes_by_hand(evaluation):
    references = ("one two", "four", "nine", "five", "", "")
    y = texts(*references)
    statistics, baseline = (
        evaluation.per_example(y, texts(*transcripts))
        for transcripts in (
            ("one too", "four", "five", "nine five", "six six", ""),
            ("", "", "nine", "", "", ""),
        )
    )
    notes = evaluation.notes(y, statistics, {"templates": baseline})
    assert notes.sentences == [
        "Isolated words (references of one word): accuracy 0.333 (3), "
        "templates 0.333.",
        "References without words: 2 words invented on 2 recordings.",
        "Most frequent confusions: two -> too 1, nine -> five 1.",
    ]
    assert notes.details == {
        "isolated_words": {
            "utterances": 3,
            "accuracy": {"model": 1 / 3, "templates": 1 / 3},
        },
        "without_words": {
            "utterances": 2,
            "invented": {"model": 2, "templates": 0},
        },
        "confusions": {"two -> too": 1, "nine -> five": 1},
    }


def test_nothing_to_note(evaluation):
    y = texts("one two")
    statistics = evaluation.per_example(y, y)
    notes = evaluation.notes(y, statistics, {})
    assert notes.sentences == []
    assert notes.details == {"confusions": {}}
