"""Translates sentences.

python -m apps.translation
    Trains on the built-in sample, scores, exports, answers: two minutes.
python -m apps.translation train --flagfile=multi30k_en_de.flags
    A recipe: Multi30k from English to German.
python -m apps.translation train --dataset=MINE.en,MINE.de --run_dir=runs/mine
    Your own sentences: two files, line by line, or MINE.tsv.
python -m apps.translation evaluate [--beam_width=5] [--ensemble=runs/a,runs/b]
    BLEU, chrF and perplexity beside those of word-by-word translation.
python -m apps.translation export
    A SavedModel that takes text and gives text: saved_models/translation/1/.
python -m apps.translation predict "A dog runs." "Two men are talking."
    The translations; `-` reads a sentence a line from standard input.
    With --alternatives=5 the best five of each, with --heatmap=FILE.png a
    picture of what attended to what.
"""

import dataclasses
import pathlib

from apps.translation.options import TranslationConfig
from common import config as config_lib
from common import files
from common import runner
from common.app import App
from common.errors import UsageError
from common.errors import UserError
from common.evaluation.metrics import language

# TensorFlow takes seconds to import; the methods do it when they are called.

MOST_DRAWN = 8  # Sentences of one picture.


class Translation(App):
    """Sequence to sequence: translates a sentence."""

    name = "translation"
    Config = TranslationConfig
    questions = (
        "Did the 3 old women buy a red bicycle on May 27, 1987?",
        "My friend says that a clever cook will not sell the 21 small clocks.",
        "The girls clean a black bag and paint it.",
    )
    headline = "bleu"
    watch = "val_bleu"
    limits = (
        "It translates one sentence at a time, of the kind of the training "
        "sentences; of others, it may invent what is not there. Of long "
        "sentences only the first tokens are read."
    )

    def examples(self, split):
        from apps.translation import data

        return data.load(
            self.config.dataset,
            self.config.pair,
            split,
            self.config.data_dir,
            self.bad_records,
        )

    def licence(self):
        from apps.translation import data

        return data.licence(self.config.dataset)

    def model_class(self):
        from apps.translation import model

        return model.Translator

    def ready(self, model):
        from apps.translation import ensemble

        others = [
            self._other(folder)
            for folder in self.config.ensemble.split(",")
            if folder
        ]
        if others:
            model = ensemble.Ensemble([model, *others])
        model.beam_width = self.config.beam_width
        model.length_penalty = self.config.length_penalty
        model.coverage_penalty = self.config.coverage_penalty
        return model

    def _other(self, folder):
        """Returns the trained model of another run."""
        from common.training import trainer

        config = config_lib.read(self.Config, pathlib.Path(folder))
        config = dataclasses.replace(config, average=self.config.average)
        return trainer.load_model(type(self)(config))

    def measure(self, targets, outputs):
        from apps.translation import scores

        return {**outputs, **scores.counts(outputs["translation"], targets)}

    def score(self, targets, outputs):
        from apps.translation import scores

        found = scores.scores(outputs)
        if "tokens" in outputs:
            found["perplexity"] = language.perplexity(
                outputs["log_probability"], outputs["tokens"]
            )
        return found

    def scoring(self):
        from apps.translation import scores

        return scores.signature()

    def baselines(self, model):
        import numpy as np

        from apps.translation import baseline

        splits = [self.examples(name) for name in ("train", "valid", "test")]
        seen, test = splits[0].concatenate(splits[1]), splits[2]
        copied = [x["text"].numpy() for x, _ in test]
        return {
            "IBM model 1": {"translation": baseline.translations(seen, test)},
            "copy": {"translation": np.array(copied, object)},
        }

    def ask(self, words):
        import tensorflow as tf

        return {"text": tf.constant(words, tf.string)}

    def predict(self, model, words):
        if self.config.heatmap:
            yield self._draw(model, words)
        if self.config.alternatives:
            yield from self._alternatives(model, words)
        else:
            yield from super().predict(model, words)

    def _alternatives(self, model, words):
        count = self.config.alternatives
        width = max(count, self.config.beam_width)
        for some in self.batches(words):
            found = model.alternatives(**self.ask(some), beam_width=width)
            scores, texts = found["scores"], found["translations"]
            for row in zip(scores.numpy(), texts.numpy()):
                for score, text in list(zip(*row))[:count]:
                    if score > -1e30:  # Below, there is none.
                        yield f"{score:8.3f}  {_line(text)}"

    def _draw(self, model, words):
        """Draws what attended to what; returns where."""
        from apps.translation import heatmap

        path = pathlib.Path(self.config.heatmap)
        if path.suffix != ".png":
            raise UsageError(f"--heatmap={path}: name a file .png.")
        if not 1 <= len(words) <= MOST_DRAWN:
            raise UsageError(
                f"--heatmap draws 1 to {MOST_DRAWN} sentences: give so many, "
                f"not {len(words)}."
            )
        if self.config.attention == "none":
            raise UserError(
                f"{self.run_dir} has no attention to draw: train another run "
                "with --attention=luong or bahdanau."
            )
        found = model.alternatives(
            **self.ask(words), beam_width=self.config.beam_width
        )
        found = {name: value.numpy() for name, value in found.items()}
        with files.written_beside(path) as beside:
            heatmap.draw(found).savefig(beside)
        return f"See {path}"

    def answer(self, words, outputs):
        for translation in outputs["translation"].numpy():
            yield _line(translation)


def _line(translation):
    """Returns a translation on one line: input and output stay side by side."""
    return " ".join(translation.decode().splitlines())


def main():
    runner.main(Translation)


if __name__ == "__main__":
    main()
