"""Prefixes in, texts out; completions, scores and spelling corrections."""

import math

from common import interface
from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface
from common.page import page
from common.page import views

COMPLETIONS = 5  # Tokens that `complete` lists.
SURPRISE = 2.5  # Nats below the expected log probability that `score` marks.


class LanguageModelInterface(Interface):
    """Takes words as texts, or test examples as test:3."""

    def parse_inputs(self, words):
        import tensorflow as tf

        prefixes = interface.texts(self, words, "prefix")
        return {"prefix": tf.constant(prefixes, tf.string)}

    def format_outputs(self, words, outputs):
        for text in outputs["text"].numpy():
            yield text.decode()

    def predict(self, model, words):
        """Continues texts; `-` reads one per line from standard input."""
        yield from Interface.predict(self, model, words)
        counts = (
            model.vocabulary.count_unknown(self.parse_inputs(chunk)["prefix"])
            for chunk in self.chunks(words)
        )
        unit = f"{model.vocabulary.level}s"
        interface.report_unknown(counts, self.config.dataset, unit)

    def complete(self, model, words):
        """Lists the five most probable next tokens of texts."""
        _require_text("complete", words)
        return (_completions(model, text) for text in words)

    def score(self, model, words):
        """Prints the perplexity of texts and marks surprising tokens."""
        _require_text("score", words)
        return (_score(model, text) for text in words)

    def correct(self, model, words):
        """Corrects the spelling of texts."""
        _require_text("correct", words)
        if model.vocabulary.level != "word":
            raise UserError(
                "correct needs a model of words: pass the --run_dir of one "
                "that was trained with --level=word."
            )
        from apps.language_model.cli import spelling

        return (spelling.correct(model, text) for text in words)

    def generate(self, model, words):
        """Generates a page that begins with the text, if there is one."""
        import tensorflow as tf

        config = self.config
        outputs = model.writer.generate(
            tf.constant([" ".join(words)]),
            config.temperature,
            config.top_k,
            config.top_p,
            config.repetition_penalty,
            config.page_length,
            config.seed,
        )
        return outputs["text"][0].numpy().decode().split("\n")

    commands = {
        "predict": predict,
        "complete": complete,
        "score": score,
        "correct": correct,
        "generate": generate,
    }

    def page(self):
        return page.Page(
            inputs=[page.Input(name="prefix", label="Beginning of a text")],
            views=[
                views.Text(text="text", start="prefix"),
                views.Surprise(
                    title="How surprising each token is",
                    signature="score_tokens",
                    tokens="tokens",
                    log_probabilities="log_probabilities",
                    expected="expected",
                    separator=" " if self.config.level == "word" else "",
                ),
            ],
        )


def _require_text(command, words):
    if not words:
        raise UsageError(f"{command} takes at least one text, or `-`.")


def _completions(model, prefix):
    """Returns the most probable next tokens and their probabilities."""
    import tensorflow as tf

    outputs = model.writer.complete(tf.constant([prefix]), COMPLETIONS)
    tokens, probabilities = outputs["tokens"], outputs["probabilities"]
    return "  ".join(
        f"{_visible(token)} {p:.3f}"
        for token, p in zip(tokens[0].numpy(), probabilities[0].numpy())
    )


def _score(model, text):
    """Returns the perplexity of a text, and the text.

    Tokens that are more surprising than expected at their place are in
    brackets, with the odds against them.
    """
    import tensorflow as tf

    outputs = model.scorer.score_tokens(tf.constant(text))
    names = ("tokens", "log_probabilities", "expected")
    tokens, log_probabilities, expected = (outputs[n].numpy() for n in names)
    marked = [
        _marked(_visible(token), value, value < usual - SURPRISE)
        for token, value, usual in zip(tokens, log_probabilities, expected)
    ]
    between = " " if model.vocabulary.level == "word" else ""
    perplexity = math.exp(-log_probabilities.mean())
    return f"{perplexity:.1f}  {between.join(marked)}"


def _marked(token, log_probability, is_surprising):
    if not is_surprising:
        return token
    odds = math.exp(min(-float(log_probability), 700))
    return f"[{token} 1:{odds:,.0f}]"


def _visible(token):
    return token.decode().replace("\n", "⏎")
