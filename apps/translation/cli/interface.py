"""Sentences in, translations out."""

from common import interface
from common.errors import UsageError
from common.errors import UserError
from common.interface import Interface
from common.page import page
from common.page import views

MAX_SENTENCES = 8  # Of one heatmap.
NO_SCORE = -1e30  # Alternatives with lower scores do not exist.
ALTERNATIVES = 5  # On the page.


class TranslationInterface(Interface):
    """Takes words as sentences, or test examples as test:3."""

    def parse_inputs(self, words):
        import tensorflow as tf

        texts = interface.texts(self, words, "text")
        return {"text": tf.constant(texts, tf.string)}

    def format_outputs(self, words, outputs):
        for translation in outputs["translation"].numpy():
            yield translation.decode()

    def predict(self, model, words):
        """Translates sentences; `-` reads one per line from standard input."""
        if self.config.heatmap:
            yield self._draw(model, words)
        if self.config.alternatives:
            yield from self._alternatives(model, words)
        else:
            yield from Interface.predict(self, model, words)
        counts = (
            model.count_unknown(self.parse_inputs(chunk)["text"])
            for chunk in self.chunks(words)
        )
        interface.report_unknown(counts, self.config.dataset)

    commands = {"predict": predict}

    def page(self):
        search = {
            "signature": "alternatives",
            "arguments": {"beam_width": ALTERNATIVES},
        }
        further = [
            views.Alternatives(
                title=f"The best {ALTERNATIVES} of a beam search",
                texts="translations",
                scores="scores",
                **search,
            )
        ]
        if self.config.attention != "none":
            attention = views.HeatMap(
                title="Attention of the best one to the source",
                rows="tokens",
                columns="source_tokens",
                values="alignments",
                **search,
            )
            further.append(attention)
        return page.Page(
            inputs=[page.Input(name="text", label="Sentence")],
            views=[views.Text(text="translation"), *further],
        )

    def _alternatives(self, model, words):
        """Yields the scores and texts of the best translations."""
        count = self.config.alternatives
        width = max(count, self.config.beam_width)
        for chunk in self.chunks(words):
            outputs = self._search(model, chunk, width)
            for row in zip(outputs["scores"], outputs["translations"]):
                for score, text in list(zip(*row))[:count]:
                    if score > NO_SCORE:
                        yield f"{score:8.3f}  {text.decode()}"

    def _draw(self, model, words):
        """Draws a heatmap of the attention; returns the line to print."""
        from apps.translation.cli import heatmap
        from common.evaluation import plots

        path = plots.png_path("heatmap", self.config.heatmap)
        if not 1 <= len(words) <= MAX_SENTENCES:
            raise UsageError(
                f"--heatmap draws 1 to {MAX_SENTENCES} sentences, got "
                f"{len(words)}."
            )
        if self.config.attention == "none":
            raise UserError(
                f"{self.app.run_dir} has no attention to draw: train another "
                "run with --attention=luong or bahdanau."
            )
        outputs = self._search(model, words, self.config.beam_width)
        plots.save(heatmap.draw(outputs), path)
        return f"See {path}"

    def _search(self, model, words, beam_width):
        """Returns the alternatives as arrays."""
        alternatives = model.signatures()["alternatives"]
        outputs = alternatives(
            **self.parse_inputs(words), beam_width=beam_width
        )
        return {name: value.numpy() for name, value in outputs.items()}
