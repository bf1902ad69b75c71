"""Word and character error rates, next to template matching."""

import collections

import numpy as np

from apps.speech.baselines import frequent
from apps.speech.baselines import template_matching
from common.data import batching
from common.evaluation.evaluation import Evaluation
from common.evaluation.evaluation import Notes
from common.evaluation.metric import Metric
from common.evaluation.metrics import error_rates

LISTED = 5  # Confusions in the sentence below the table.
KEPT = 50  # Confusions in metrics.json.
ERRORS = ("insertions", "deletions", "substitutions")


class SpeechEvaluation(Evaluation):
    """Scores transcripts next to references.

    Words are separated by white space; neither case nor punctuation is
    ignored. The statistics of an utterance are counts, so that a thousand
    resampled test sets can be scored.
    """

    primary_metric = Metric(
        "word_error_rate",
        "Words inserted, deleted and substituted, per word of the references.",
        lower_is_better=True,
        selects_epoch=True,
    )
    metrics = (
        primary_metric,
        Metric(
            "character_error_rate",
            "The same of characters, spaces included.",
            lower_is_better=True,
        ),
        Metric(
            "sentence_error_rate",
            "Share of transcripts with an error.",
            lower_is_better=True,
        ),
        *(
            Metric(
                name,
                "Per word of the references; part of the word error rate.",
                lower_is_better=True,
            )
            for name in ERRORS
        ),
    )

    def predict(self, model, examples, after_batch=lambda: None):
        targets, answers = [], []
        for x, y in examples.batch(self.config.batch_size).prefetch(2):
            # Further outputs are as wide as the longest one of the batch.
            transcripts = model.serve(**x)["transcript"].numpy()
            targets.append({name: value.numpy() for name, value in y.items()})
            answers.append({"transcript": transcripts})
            after_batch()
        return batching.concatenated(targets), batching.concatenated(answers)

    def per_example(self, y, outputs):
        pairs = [*zip(y["transcript"], outputs["transcript"])]
        return {
            "words": _counts(error_rates.words, pairs),
            "characters": _counts(error_rates.characters, pairs),
            "transcript": outputs["transcript"],
        }

    def aggregate(self, statistics):
        words = _rates(statistics["words"])
        characters = _rates(statistics["characters"])
        return {
            "word_error_rate": float(words.sum()),
            "character_error_rate": float(characters.sum()),
            "sentence_error_rate": float(1 - _is_correct(statistics).mean()),
            **dict(zip(ERRORS, words.tolist())),
        }

    def clusters(self, y):
        speakers = self.app.dataset.speakers(self.config.split)
        if speakers is None:
            return None
        names = [name or f"\0{i}" for i, name in enumerate(speakers)]
        rows = len(y["transcript"])
        return np.unique(names, return_inverse=True)[1][:rows]

    def baselines(self, model):
        train, valid, test = (
            self.app.examples(name) for name in ("train", "valid", "test")
        )
        matched = template_matching.transcripts(
            self.config.sample_rate, train, valid, test
        )
        known = batching.targets(train)["transcript"]
        most_frequent = frequent.transcripts(known, batching.size(test))
        return {
            "template matching": {"transcript": matched},
            "most frequent": {"transcript": most_frequent},
        }

    def notes(self, y, statistics, baselines):
        length = statistics["words"][:, -1]
        notes = Notes()
        for add in (_add_isolated, _add_invented):
            add(notes, length, statistics, baselines)
        _add_confusions(notes, y["transcript"], statistics["transcript"])
        return notes


def _counts(items_of, pairs):
    """Returns the `error_rates.Counts` of each utterance, (utterances, 4)."""
    rows = [
        error_rates.counts(items_of(reference), items_of(transcript))
        for reference, transcript in pairs
    ]
    return np.array(rows, np.int64).reshape(len(rows), -1)


def _rates(counts):
    """Returns insertions, deletions and substitutions per item.

    Without items, for each insertion 1.
    """
    *errors, length = counts.sum(0)
    return np.array(errors) / max(1, length)


def _is_correct(statistics):
    """Returns whether each transcript has no error, (utterances,)."""
    return statistics["words"][:, :-1].sum(1) == 0


def _add_isolated(notes, length, statistics, baselines):
    """Adds the accuracy on references of one word."""
    is_isolated = length == 1
    if not is_isolated.any():
        return
    accuracies = {
        name: float(_is_correct(values)[is_isolated].mean())
        for name, values in {"model": statistics, **baselines}.items()
    }
    number = int(is_isolated.sum())
    other = "".join(f", {n} {accuracies[n]:.3f}" for n in baselines)
    notes.sentences.append(
        "Isolated words (references of one word): accuracy "
        f"{accuracies['model']:.3f} ({number:,}){other}."
    )
    notes.details["isolated_words"] = {
        "utterances": number,
        "accuracy": accuracies,
    }


def _add_invented(notes, length, statistics, baselines):
    """Adds the number of words in transcripts whose reference has none."""
    is_silent = length == 0
    if not is_silent.any():
        return
    words = {
        name: int(values["words"][is_silent, 0].sum())
        for name, values in {"model": statistics, **baselines}.items()
    }
    number = int(is_silent.sum())
    notes.sentences.append(
        f"References without words: {words['model']:,} words invented on "
        f"{number:,} recordings."
    )
    notes.details["without_words"] = {"utterances": number, "invented": words}


def _add_confusions(notes, references, transcripts):
    """Adds the most frequent substitutions of words."""
    confusions = collections.Counter(
        f"{word} -> {other}"
        for pair in zip(references, transcripts)
        for word, other in error_rates.align(*map(error_rates.words, pair))
        if word != other and word is not None and other is not None
    ).most_common(KEPT)
    if confusions:
        listed = ", ".join(f"{name} {n:,}" for name, n in confusions[:LISTED])
        notes.sentences.append(f"Most frequent confusions: {listed}.")
    notes.details["confusions"] = dict(confusions)
