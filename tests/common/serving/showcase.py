"""A SavedModel whose signatures have outputs for every view of the page."""

import json

import tensorflow as tf

from common.page import page
from common.page import views

TEXT = tf.TensorSpec([None], tf.string, "text")
ONE_TEXT = tf.TensorSpec([], tf.string, "text")
FILE = tf.TensorSpec([None], tf.string, "file")
DAYS = tf.TensorSpec([None, None], tf.float32, "prices")


def signature(*specs):
    return tf.function(input_signature=specs, autograph=False)


class Words(tf.Module):
    """Answers texts: a text is positive if it has the word good."""

    @signature(TEXT)
    def serve(self, text):
        good = tf.strings.regex_full_match(text, "(?s).*good.*")
        return {
            "positive": tf.where(good, 0.9, 0.25),
            "echo": tf.strings.join([text, " and more"]),
            "names": tf.fill([tf.shape(text)[0], 2], "<b>rare</b>"),
            "probabilities": tf.tile([[0.125, 0.5]], [tf.shape(text)[0], 1]),
        }

    @signature(ONE_TEXT)
    def explain(self, text):
        words = tf.strings.split(tf.strings.lower(text))
        values = tf.where(words == "good", 2.0, -0.5)
        return {"words": words, "contributions": values}

    @signature(TEXT, tf.TensorSpec([], tf.int32, "beam_width"))
    def alternatives(self, text, beam_width):
        rows = tf.shape(text)[0]
        tf.debugging.assert_equal(beam_width, 2)
        return {
            "texts": tf.tile([["first", "second", "none"]], [rows, 1]),
            "scores": tf.tile([[-0.5, -1.25, -1e31]], [rows, 1]),
            "tokens": tf.tile([[["ein", "hund", ""]]], [rows, 1, 1]),
            "source_tokens": tf.tile([["a", "dog", ""]], [rows, 1]),
            "alignments": tf.tile(
                [[[[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]]], [rows, 1, 1, 1]
            ),
        }

    @signature(TEXT)
    def read(self, text):
        rows = tf.shape(text)[0]
        return {
            "sentences": tf.tile([["Anna left.", "Ben slept.", ""]], [rows, 1]),
            "maps": tf.tile([[[0.75, 0.25, 0.0]]], [rows, 1, 1]),
        }

    @signature(ONE_TEXT)
    def score(self, text):
        tokens = tf.strings.split(text)
        logs = tf.where(tokens == "good", -8.0, -1.0)
        return {
            "tokens": tokens,
            "log_probabilities": tf.concat([logs, [-1.0]], 0),
            "expected": tf.concat([0 * logs - 2, [-2.0]], 0),
        }

    signatures = ("explain", "alternatives", "read", "score")
    page = page.Page(
        title="Words",
        inputs=[page.Input(name="text", label="Some text")],
        views=[
            views.Probability(
                probability="positive", names=("negative", "positive")
            ),
            views.Text(text="echo", start="text"),
            views.Ranking(
                names="names", probabilities="probabilities", verdict="echo"
            ),
            views.ColoredWords(
                signature="explain",
                text="text",
                words="words",
                values="contributions",
            ),
            views.Alternatives(
                signature="alternatives",
                arguments={"beam_width": 2},
                texts="texts",
                scores="scores",
            ),
            views.HeatMap(
                signature="alternatives",
                arguments={"beam_width": 2},
                rows="tokens",
                columns="source_tokens",
                values="alignments",
            ),
            views.Evidence(
                signature="read",
                sentences="sentences",
                maps="maps",
                reading="hop",
            ),
            views.Surprise(
                signature="score",
                tokens="tokens",
                log_probabilities="log_probabilities",
                expected="expected",
                separator=" ",
            ),
            views.Text(signature="absent", text="nothing"),
        ],
    )
    examples = ({"text": "A good <i>film</i>"},)


class Files(tf.Module):
    """Answers files, and returns their sizes."""

    @signature(FILE)
    def serve(self, file):
        rows = tf.shape(file)[0]
        frames = tf.reshape(tf.range(24, dtype=tf.int32), [1, 2, 2, 2, 3])
        return {
            "size": tf.strings.length(file),
            "tokens": tf.tile([[["a", "dog", ""]]], [rows, 1, 1]),
            "maps": tf.random.stateless_uniform([rows, 1, 3, 2, 2], [1, 2]),
            "frames": tf.cast(tf.tile(frames, [rows, 1, 1, 1, 1]), tf.uint8),
            "labels": tf.tile([["up", "down"]], [rows, 1]),
            "probabilities": tf.tile(
                [[[0.75, 0.25], [0.5, 0.5]]], [rows, 1, 1]
            ),
            "start": tf.tile([[0.0, 0.1]], [rows, 1]),
            "end": tf.tile([[0.1, 0.3]], [rows, 1]),
            "segment_labels": tf.tile([["up", ""]], [rows, 1]),
            "segment_start": tf.zeros([rows, 2]),
            "segment_end": tf.tile([[0.3, 0.0]], [rows, 1]),
            "segment_probabilities": tf.tile([[0.625, 0.0]], [rows, 1]),
        }

    signatures = ()
    page = page.Page(
        title="Files",
        inputs=[page.Input(name="file", label="Picture", kind="image")],
        views=[
            views.PictureMaps(picture="file", tokens="tokens", maps="maps"),
            views.Frames(frames="frames"),
            views.Timeline(
                labels="labels",
                probabilities="probabilities",
                start="start",
                end="end",
                segment_labels="segment_labels",
                segment_start="segment_start",
                segment_end="segment_end",
                segment_probabilities="segment_probabilities",
            ),
            views.Outputs(),
        ],
    )
    examples = ()


class Prices(tf.Module):
    """Forecasts the last price, less or more one for each level."""

    @signature(
        DAYS,
        tf.TensorSpec([None, None, 2], tf.float32, "bars"),
        tf.TensorSpec([None, None], tf.string, "dates"),
        tf.TensorSpec([None], tf.string, "ticker"),
    )
    def serve(self, prices, bars, dates, ticker):
        last = prices[:, -1:, None] * tf.ones([1, 3, 1])
        return {
            "quantiles": last + tf.constant([-2.0, -1, 0, 1, 2]),
            "volume": bars[:, -1, 1],
            "last_day": tf.strings.join([dates[:, -1], ticker], " "),
        }

    signatures = ()
    page = page.Page(
        title="Prices",
        inputs=[
            page.Table(
                name="history",
                label="Daily prices",
                columns={
                    "prices": [["adjclose", "close"]],
                    "bars": [["open"], ["volume"]],
                    "dates": [["date"]],
                },
                dates="dates",
                rows=3,
                file_stem="ticker",
            )
        ],
        views=[
            views.FanChart(
                history="prices",
                dates="dates",
                quantiles="quantiles",
                levels=[0.025, 0.1, 0.5, 0.9, 0.975],
            ),
            views.Outputs(),
        ],
    )
    examples = ()


def save(module, folder):
    """Writes version 1 of a module with the description of its page."""
    functions = {name: getattr(module, name) for name in module.signatures}
    signatures = {"serving_default": module.serve, **functions}
    tf.saved_model.save(module, folder / "1", signatures)
    values = {
        **module.page.to_json(),
        "description": "Shows <script>alert(1)</script> views.",
        "limitations": "None.",
        "examples": list(module.examples),
    }
    extra = folder / "1" / "assets.extra"
    extra.mkdir()
    (extra / "page.json").write_text(json.dumps(values))
    return extra
