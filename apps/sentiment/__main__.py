"""Tells whether a review is positive or negative.

python -m apps.sentiment
    Trains on the built-in sample, scores, exports, answers: one minute.
python -m apps.sentiment train --flagfile=imdb.flags
    A recipe: the 50,000 reviews of IMDB.
python -m apps.sentiment train --dataset=MINE.tsv --run_dir=runs/mine
    Your own reviews: a line each, label<TAB>text.
python -m apps.sentiment evaluate
    Test scores beside those of NB-SVM, with intervals.
python -m apps.sentiment export
    A SavedModel that takes raw text: saved_models/sentiment/1/.
python -m apps.sentiment predict "Not without charm." "A dull film."
    The verdicts; `-` reads a review a line from standard input.
    With --explain also the words that they rest on.
"""

import dataclasses
import sys

from common import cells
from common import files
from common import runner
from common.app import App
from common.config import Config
from common.config import option

# TensorFlow takes seconds to import; the methods do it when they are called.


@dataclasses.dataclass(frozen=True, kw_only=True)
class SentimentConfig(Config):
    dataset: str = option(
        "sample", "sample, imdb, or a file MINE.tsv of rows label<TAB>text."
    )
    vocabulary_size: int = option(
        20_000, "Most frequent words that are kept.", minimum=1
    )
    max_words: int = option(
        400, "Words read of a review: its first and last halves.", minimum=2
    )
    embedding_size: int = option(64, "Size of the word vectors.", minimum=1)
    embeddings: str = option("", "GloVe text file to start them from.")
    cell: str = option("lstm", "Recurrent cell.", choices=cells.NAMES)
    units: int = option(64, "Size of the state in a direction.", minimum=1)
    depth: int = option(1, "Recurrent layers upon one another.", minimum=1)
    bidirectional: bool = option(True, "Whether to read backwards, too.")
    pooling: str = option(
        "last",
        "How the states become one vector.",
        choices=["last", "mean", "max", "mean_max"],
    )
    dropout: float = option(
        0.1, "Share of the summary hidden in training.", minimum=0, maximum=0.9
    )
    word_dropout: float = option(
        0.0,
        "Share of the word vectors hidden in training.",
        minimum=0,
        maximum=0.9,
    )
    ngram_evidence: bool = option(
        False, "Whether to read what n-grams weigh in NB-SVM, too."
    )
    epochs: int = option(8, "Passes over the training reviews.", minimum=1)
    learning_rate: float = option(
        5e-3, "Step size of Adam at the start; it falls to 0.", minimum=0
    )
    explain: bool = option(
        False,
        "With predict: show what each word contributed, here and in "
        "<run_dir>/explanations.html.",
        of_run=False,
    )


class Sentiment(App):
    """Many-to-one: tells how probably a review is positive."""

    name = "sentiment"
    Config = SentimentConfig
    questions = (
        "Although the plot was dull, the acting was utterly brilliant.",
        "I had wanted the ending to be moving, but nobody in their right "
        "mind could call it touching.",
        "The posters promise that the heroine is charming and they lie.",
        "It was not without charm.",
    )
    headline = "accuracy"
    limits = (
        "One opinion per text, in the language and kind of the training "
        "reviews: of other texts (news, irony, other languages) the "
        "probability says little. Of long texts only the first and last "
        "words are read."
    )

    def examples(self, split):
        from apps.sentiment import data

        return data.load(
            self.config.dataset,
            split,
            self.config.data_dir,
            self.bad_records,
        )

    def licence(self):
        from apps.sentiment import data

        return data.licence(self.config.dataset)

    def model_class(self):
        from apps.sentiment import model

        return model.Classifier

    def score(self, targets, outputs):
        from common import metrics

        positive = outputs["positive"]
        return {
            "accuracy": metrics.accuracy(targets, positive),
            "f1": metrics.f1(targets, positive),
            "roc_auc": metrics.roc_auc(targets, positive),
            "log_loss": metrics.log_loss(targets, positive),
        }

    def baselines(self, model):
        from apps.sentiment import baseline

        splits = [self.examples(name) for name in ("train", "valid", "test")]
        return {"NB-SVM": {"positive": baseline.probabilities(*splits)}}

    def ask(self, words):
        import tensorflow as tf

        return {"text": tf.constant(words)}

    def predict(self, model, words):
        verdicts = super().predict(model, words)
        if not self.config.explain:
            return verdicts
        return self._explained(model, words, verdicts)

    def _explained(self, model, texts, verdicts):
        from apps.sentiment import explain

        rows = []
        for text, verdict in zip(texts, verdicts, strict=True):
            words, values = (part.numpy() for part in model.explain(text))
            words = [word.decode() for word in words]
            pieces = explain.spans(text, words, values.tolist())
            rows.append((verdict.split("  ")[0], pieces))
            if sys.stdout.isatty():
                yield f"{rows[-1][0]}  {explain.terminal(pieces)}"
            else:
                yield f"{verdict}\n    {explain.strongest(pieces)}"
        path = self.run_dir / "explanations.html"
        files.write_text(path, explain.page(rows))
        yield f"See {path}"

    def answer(self, words, outputs):
        for text, positive in zip(words, outputs["positive"].numpy()):
            label = "positive" if positive >= 0.5 else "negative"
            yield f"{positive:.3f} {label}  {text}"


def main():
    runner.main(Sentiment)


if __name__ == "__main__":
    main()
