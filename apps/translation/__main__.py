"""Translates sentences.

python -m apps.translation
    Trains on the built-in sample, scores, exports, answers: three minutes.
python -m apps.translation train --flagfile=FILE.flags
    A run of apps/translation/recipes, such as Multi30k from English to German.
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

from common import cells
from common import runner
from common.app import App
from common.config import Config
from common.config import option

# TensorFlow takes seconds to import; the methods do it when they are called.


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslationConfig(Config):
    dataset: str = option(
        "sample",
        "sample, multi30k, tatoeba, a file MINE.tsv of rows "
        "source<TAB>translation, or two files MINE.en,MINE.de.",
    )
    pair: str = option(
        "en-de",
        "Languages, from-to: of multi30k en-de, en-fr, de-en or fr-en, of "
        "tatoeba eng-fra or eng-deu.",
    )
    tokens: str = option(
        "subwords",
        "What the networks read and write.",
        choices=["subwords", "words", "characters"],
    )
    vocabulary_size: int = option(
        1000, "Tokens of each language, 259 at least.", minimum=259
    )
    max_tokens: int = option(
        100, "Tokens read of a sentence.", minimum=1, maximum=1000
    )
    embedding_size: int = option(128, "Size of the token vectors.", minimum=1)
    cell: str = option("lstm", "Recurrent cell.", choices=cells.NAMES)
    units: int = option(128, "Size of the states.", minimum=2)
    depth: int = option(
        1, "Recurrent layers of the encoder, and of the decoder.", minimum=1
    )
    bidirectional: bool = option(
        True, "Whether the encoder reads backwards, too."
    )
    residual: bool = option(
        False, "Whether upper layers add their inputs to their outputs."
    )
    reverse_source: bool = option(
        False, "Whether the encoder reads the last token first."
    )
    attention: str = option(
        "luong",
        "How the decoder looks the source up.",
        choices=["bahdanau", "luong", "none"],
    )
    input_feeding: bool = option(
        False, "Whether the decoder reads what it found at the last step."
    )
    tied: bool = option(
        True, "Whether the target's vectors are the output's weights, too."
    )
    dropout: float = option(
        0.1, "Share of the features hidden in training.", minimum=0, maximum=0.9
    )
    label_smoothing: float = option(
        0.0,
        "Share of the target that is spread over all tokens.",
        minimum=0,
        maximum=0.9,
    )
    teacher_forcing: float = option(
        1.0,
        "Share of the target's tokens that the decoder reads at the end of "
        "training, where it reads its own instead.",
        minimum=0,
        maximum=1,
    )
    epochs: int = option(8, "Passes over the training sentences.", minimum=1)
    learning_rate: float = option(
        3e-3, "Step size of Adam at the start; it falls to 0.", minimum=0
    )
    beam_width: int = option(
        1,
        "Translations followed side by side; 1: the best token is taken.",
        minimum=1,
        of_run=False,
    )
    length_penalty: float = option(
        1.0,
        "Of the beam: 0 favours short translations, 1 long ones.",
        minimum=0,
        of_run=False,
    )
    coverage_penalty: float = option(
        0.0,
        "Of the beam: how much it costs to leave words of the source out.",
        minimum=0,
        of_run=False,
    )
    ensemble: str = option(
        "",
        "Folders of further runs, with commas between, that decide together "
        "with this one.",
        of_run=False,
    )
    alternatives: int = option(
        0,
        "With predict: show so many translations of each sentence.",
        minimum=0,
        of_run=False,
    )
    heatmap: str = option(
        "",
        "With predict: a file .png for a picture of the attention.",
        of_run=False,
    )


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
        from common import training

        config = runner.config_of(Translation, pathlib.Path(folder))
        return training.load_model(Translation(config))

    def measure(self, targets, outputs):
        from apps.translation import scores

        counts = scores.counts(outputs["translation"], targets)
        names = ("log_probability", "tokens")
        return {**counts, **{n: outputs[n] for n in names if n in outputs}}

    def score(self, targets, outputs):
        from apps.translation import scores
        from common import metrics

        found = scores.scores(outputs)
        if "tokens" in outputs:
            found["perplexity"] = metrics.perplexity(
                outputs["log_probability"], outputs["tokens"]
            )
        return found

    def scoring(self):
        from apps.translation import scores

        return scores.signature()

    def baselines(self):
        import numpy as np

        from apps.translation import baseline

        train, test = self.examples("train"), self.examples("test")
        copied = [x["text"].numpy() for x, _ in test]
        return {
            "IBM model 1": {"translation": baseline.translations(train, test)},
            "copy": {"translation": np.array(copied, object)},
        }

    def ask(self, words):
        import tensorflow as tf

        return {"text": tf.constant(words, tf.string)}

    def predict(self, model, words):
        if self.config.heatmap:
            yield from self._drawn(model, words)
        elif self.config.alternatives:
            for word in words:
                yield from self._alternatives(model, word)
        else:
            yield from super().predict(model, words)

    def _alternatives(self, model, text):
        found = model.alternatives(
            self.ask((text,))["text"], self.config.alternatives
        )
        rows = zip(found["scores"][0].numpy(), found["translations"][0].numpy())
        for score, translation in rows:
            yield f"{score:8.3f}  {translation.decode()}"

    def _drawn(self, model, words):
        from apps.translation import heatmap
        from common import files

        width = max(self.config.alternatives, self.config.beam_width)
        found = model.alternatives(self.ask(words)["text"], width)
        path = pathlib.Path(self.config.heatmap)
        figure = heatmap.draw({k: v.numpy() for k, v in found.items()})
        with files.written_beside(path) as beside:
            figure.savefig(beside)
        for translation in found["translations"][:, 0].numpy():
            yield translation.decode()
        yield f"See {path}"

    def answer(self, words, outputs):
        for translation in outputs["translation"].numpy():
            yield translation.decode()


def main():
    runner.main(Translation)


if __name__ == "__main__":
    main()
