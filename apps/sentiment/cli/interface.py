"""Texts in, labels with probabilities out."""

import sys

from apps.sentiment.cli import explanations
from common import files
from common import interface
from common.interface import Interface
from common.interface import StyledLine
from common.interface import one_line
from common.page import page
from common.page import views

UNLIKELY = 5  # Labels below 0.5 that are listed.


class SentimentInterface(Interface):
    """Takes words as texts, or test examples as test:3."""

    def parse_inputs(self, words):
        import tensorflow as tf

        texts = interface.texts(self, words, "text")
        return {"text": tf.constant(texts, tf.string)}

    def format_outputs(self, words, outputs):
        texts = interface.texts(self, words, "text")
        verdicts = _verdicts(outputs)
        if self.config.label_separator:
            verdicts = _verdicts_of_labels(outputs)
        for text, verdict in zip(texts, verdicts):
            yield f"{verdict}  {text}"

    def predict(self, model, words):
        """Classifies texts; `-` reads one per line from standard input."""
        lines = Interface.predict(self, model, words)
        if self.config.explain:
            texts = interface.texts(self, words, "text")
            lines = self._explained(model, texts, lines)
        yield from lines
        counts = (
            model.tokenize.count_unknown(self.parse_inputs(chunk)["text"])
            for chunk in self.chunks(words)
        )
        interface.report_unknown(counts, self.config.dataset)

    commands = {"predict": predict}

    def page(self):
        has_names = bool(self.app.model.kind.labels)
        verdict = "the likeliest label" if has_names else "“positive”"
        return page.Page(
            inputs=[page.Input(name="text", label="Text")],
            views=[
                self._verdict_view(),
                views.ColoredWords(
                    title=f"Words that speak for or against {verdict}",
                    signature="explain",
                    text="text",
                    words="words",
                    values="contributions",
                ),
            ],
        )

    def _verdict_view(self):
        if self.app.model.kind.labels:
            return views.Ranking(
                names="labels", probabilities="probabilities", verdict="label"
            )
        return views.Probability(
            probability="positive", names=("negative", "positive")
        )

    def _explained(self, model, texts, lines):
        verdicts = []
        for text, line in zip(texts, lines, strict=True):
            explained = model.explain(text)
            words = [word.decode() for word in explained["words"].numpy()]
            values = explained["contributions"].numpy().tolist()
            pieces = explanations.spans(text, words, values)
            verdicts.append((line.split("  ")[0], pieces))
            if sys.stdout.isatty():
                safe = [(one_line(piece), value) for piece, value in pieces]
                colored = explanations.terminal(safe)
                yield StyledLine(f"{verdicts[-1][0]}  {colored}")
            else:
                yield line
                yield f"    {explanations.strongest(pieces)}"
        path = self.app.run_dir / "extra" / "explanations.html"
        files.write_text(path, explanations.page(verdicts))
        yield f"See {path}"


def _verdicts(outputs):
    """Yields the probability and the label of each text.

    With two classes without names, the probability is that of "positive".
    """
    if "positive" in outputs:
        for positive in outputs["positive"].numpy():
            label = "positive" if positive >= 0.5 else "negative"
            yield f"{positive:.3f} {label}"
        return
    highest = outputs["probabilities"].numpy().max(-1)
    for probability, label in zip(highest, outputs["label"].numpy()):
        yield f"{probability:.3f} {label.decode()}"


def _verdicts_of_labels(outputs):
    """Yields all labels of each text by probability.

    Those below 0.5, which are not predicted, are in brackets.
    """
    for probabilities, labels in zip(
        outputs["probabilities"].numpy(), outputs["labels"].numpy()
    ):
        ordered = sorted(zip(probabilities, labels), key=lambda pair: -pair[0])
        parts = [f"{p:.3f} {label.decode()}" for p, label in ordered]
        count = sum(probabilities >= 0.5)
        likely, unlikely = parts[:count], parts[count:]
        if len(unlikely) > UNLIKELY:
            left_out = len(unlikely) - UNLIKELY
            unlikely = [*unlikely[:UNLIKELY], f"{left_out} more"]
        brackets = [f"({', '.join(unlikely)})"] if unlikely else []
        yield " ".join([", ".join(likely), *brackets]).strip()
