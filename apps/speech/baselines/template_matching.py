"""Template matching: connected words by dynamic time warping."""

import numpy as np
import tensorflow as tf

from apps.speech.baselines import bigrams
from apps.speech.baselines import cepstra
from apps.speech.baselines import one_pass
from apps.speech.baselines import templates
from common.evaluation.metrics import error_rates

# Products of frames of recordings and frames of templates, as many as one core
# compares in about 15 seconds.
WORK = 1.2e9
MAX_FRAMES = 60_000  # Of templates.
TUNED_ON = 50  # Validation recordings.
# The values of each cost that are tried on the validation recordings, one cost
# after the other; the others have their first value.
TRIALS = {
    "bigram": (0.0, 1.0, 2.0, 4.0),  # Times `bigrams.costs`.
    "word": (4.0, -4.0, 0.0, 8.0, 15.0, 25.0),  # In deviations of a frame.
    "silence": (1.0, 0.8, 1.25),  # Times the distance to silence.
}
RUNS = 1 + sum(len(values) - 1 for values in TRIALS.values())


def transcripts(
    rate: int,
    train: tf.data.Dataset,
    valid: tf.data.Dataset,
    test: tf.data.Dataset,
) -> np.ndarray:
    """Returns the transcript of each test recording, bytes (recordings,).

    Templates are cut from training recordings of one word, and with these from
    sentences. The costs of a word, of its predecessor and of silence are those
    with the fewest errors on the validation recordings.

    Args:
      rate: Samples a second to which recordings are converted.
      train: Raw training examples.
      valid: Raw validation examples.
      test: Raw test examples.
    """
    known = cepstra.read(train, rate, cepstra.MAX_FRAMES)
    tuning, tested = (
        cepstra.read(examples, rate) for examples in (valid, test)
    )
    places = np.linspace(0, len(tuning) - 1, TUNED_ON).round().astype(int)
    tuning = [tuning[place] for place in np.unique(places)]
    room = _room(RUNS * _frames(tuning) + _frames(tested))
    recognizer = Recognizer(known, [], min(room, _room(_frames(known))))
    costs = _best_costs(recognizer, tuning)
    if recognizer.size < room:
        joined = _words_in_sentences(recognizer, costs, known)
        recognizer = Recognizer(known, joined, room)
        costs = _best_costs(recognizer, tuning)
    answers = [recognizer.transcript(u.features, costs) for u in tested]
    return np.array([text.encode() for text in answers], object)


def _room(frames):
    """Returns the frames of templates with which frames are compared."""
    return int(min(WORK / max(1, frames), MAX_FRAMES))


def _frames(utterances):
    return sum(len(utterance.features) for utterance in utterances)


class Recognizer:
    """Recognizes words by templates.

    Args:
      utterances: Training recordings.
      words: Recordings of single words that were cut from them.
      max_frames: Of all templates.
    """

    def __init__(
        self,
        utterances: list[cepstra.Utterance],
        words: list[cepstra.Utterance],
        max_frames: int,
    ):
        known = templates.cut([*utterances, *words], max_frames)
        self.size = sum(map(len, known.frames))
        self._names, self._deviations = known.names, known.deviations
        self._bigrams = bigrams.costs(
            [u.words for u in utterances], known.names
        )
        if known.names:
            self._search = one_pass.OnePass(
                [frames / known.deviations for frames in known.frames],
                known.words,
                known.silences / known.deviations,
            )

    def segments(
        self, features: np.ndarray, costs: dict[str, float]
    ) -> list[tuple[str, int, int]]:
        """Returns the words of a recording, and where they begin and end.

        Args:
          features: Of its frames; see `cepstra`.
          costs: See `TRIALS`.
        """
        if not self._names:  # No training recording has a word.
            return []
        segments = self._search.recognize(
            features / self._deviations,
            costs["bigram"] * self._bigrams + costs["word"],
            costs["silence"],
        )
        return [(self._names[word], *span) for word, *span in segments]

    def transcript(self, features: np.ndarray, costs: dict[str, float]) -> str:
        """Returns the words of a recording; see `segments`."""
        return " ".join(word for word, *_ in self.segments(features, costs))


def _words_in_sentences(recognizer, costs, utterances):
    """Returns recordings of the words of correctly recognized sentences.

    Reference: Rabiner, Bergh & Wilpon, An Embedded Word Training Procedure for
    Connected Digit Recognition, 1982.
    """
    recordings = []
    for utterance in utterances:
        if len(utterance.words) < 2:
            continue
        segments = recognizer.segments(utterance.features, costs)
        if [word for word, *_ in segments] == utterance.words:
            for word, start, end in segments:
                features = utterance.features[start:end]
                is_speech = np.ones(len(features), bool)
                recordings.append(
                    cepstra.Utterance(features, is_speech, [word])
                )
    return recordings


def _best_costs(recognizer, utterances):
    """Returns the costs with the fewest errors; see `TRIALS`."""

    def errors(costs):
        total = 0
        for utterance in utterances:
            answer = recognizer.transcript(utterance.features, costs).split()
            total += sum(error_rates.counts(utterance.words, answer)[:-1])
        return total

    best = {name: values[0] for name, values in TRIALS.items()}
    fewest = errors(best)
    for name, values in TRIALS.items():
        trials = {v: errors({**best, name: v}) for v in values[1:]}
        value = min(trials, key=trials.get)
        if trials[value] < fewest:
            fewest = trials[value]
            best[name] = value
    return best
