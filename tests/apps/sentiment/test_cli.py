"""Texts on the command line, and explanations of their predictions."""

import tensorflow as tf

from apps.sentiment import Sentiment
from apps.sentiment.cli import explanations
from common.text import word_tokenizer


class KnowsOneWord:
    """Predicts 0.9 for texts with the word "fine"; explains each word."""

    def serve(self, text):
        is_fine = tf.strings.regex_full_match(text, ".*fine.*")
        return {"positive": tf.where(is_fine, 0.9, 0.2)}

    @property
    def tokenize(self):
        return word_tokenizer.WordTokenizer(["fine", "a", "film"])

    def explain(self, text):
        words = tf.strings.split(text)
        values = tf.where(words == "fine", 2.0, -0.5)
        return {"words": words, "contributions": values}


def predict(tmp_path, *words, **options):
    app = Sentiment(Sentiment.Config(run_dir=str(tmp_path), **options))
    return list(app.interface.predict(KnowsOneWord(), words))


def test_predict_prints_probability_label_and_text(tmp_path):
    assert predict(tmp_path, "a fine film", "dull", batch_size=1) == [
        "0.900 positive  a fine film",
        "0.200 negative  dull",
    ]


def test_predict_reports_unknown_words(tmp_path, capsys):
    predict(tmp_path, "A fine film!", "... fine")
    assert capsys.readouterr().err == ""
    predict(tmp_path, "Das ist ein Film.", "fine", dataset="mine.tsv")
    assert capsys.readouterr().err == (
        "3 of 5 words are unknown to this model; it was trained on mine.tsv.\n"
    )


def test_explain_prints_words_and_writes_a_page(tmp_path):
    line, strongest, link = predict(tmp_path, "a fine film", explain=True)
    assert line == "0.900 positive  a fine film"
    assert strongest == "    fine +2.00, a -0.50, film -0.50"
    path = tmp_path / "extra" / "explanations.html"
    assert link == f"See {path}"
    assert ">fine</mark>" in path.read_text()


def test_pieces_join_to_the_text_and_contain_the_words():
    text = "DON’T go, <br />İstanbul! …dull dull"
    words = ["don't", "go", ",", "!", "…", "dull", "dull"]
    pieces = explanations.spans(text, words, [1, 2, 3, 4, 5, 6, 7])
    assert "".join(piece for piece, _ in pieces) == text
    marked = [(piece, value) for piece, value in pieces if value]
    assert marked[0] == ("DON’T", 1)
    assert marked[-2:] == [("dull", 6), ("dull", 7)]


def test_the_head_and_the_tail_of_a_long_text_are_marked():
    text = " ".join("abcbabcb")
    pieces = explanations.spans(text, list("abcb"), [1, 2, 3, 4])
    marked = "".join(f"{p}{v}" if v else p for p, v in pieces)
    assert marked == "a1 b2 c b a b c3 b4"


def test_the_page_escapes_html():
    page = explanations.page([("0.1 negative", [("<b>", 0.5), ("&", 0.0)])])
    assert "&lt;b&gt;" in page
    assert "&amp;" in page
