"""Template matching: connected words by dynamic time warping."""

import numpy as np
import tensorflow as tf

from apps.speech.baselines import bigrams
from apps.speech.baselines import cepstra
from apps.speech.baselines import one_pass
from apps.speech.baselines import templates
from common.evaluation.metrics import error_rates

# Products of frames of recordings and frames of templates, as many as one core
# compares in about half a minute.
WORK = 3e9
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

    Templates are cut from the training recordings; the costs of a word, of its
    predecessor and of silence are those with the fewest errors on the
    validation recordings.

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
    work = RUNS * _frames(tuning) + _frames(tested)
    max_frames = int(min(WORK / max(1, work), MAX_FRAMES))
    recognizer = Recognizer(
        templates.cut(known, max_frames), [u.words for u in known]
    )
    costs = _best_costs(recognizer, tuning)
    answers = [recognizer.transcript(u.features, costs) for u in tested]
    return np.array([text.encode() for text in answers], object)


def _frames(utterances):
    return sum(len(utterance.features) for utterance in utterances)


class Recognizer:
    """Recognizes words by templates.

    Args:
      known: The templates.
      transcripts: Words of the training transcripts.
    """

    def __init__(
        self, known: templates.Templates, transcripts: list[list[str]]
    ):
        self._known = known
        self._search = None
        if known.names:
            self._search = one_pass.OnePass(
                [frames / known.deviations for frames in known.frames],
                known.words,
                known.silences / known.deviations,
            )
            self._bigrams = bigrams.costs(transcripts, known.names)

    def transcript(self, features: np.ndarray, costs: dict[str, float]) -> str:
        """Returns the words of a recording.

        Args:
          features: Of its frames; see `cepstra`.
          costs: See `TRIALS`.
        """
        if self._search is None:  # No training recording has a word.
            return ""
        words = self._search.recognize(
            features / self._known.deviations,
            costs["bigram"] * self._bigrams + costs["word"],
            costs["silence"],
        )
        return " ".join(self._known.names[word] for word in words)


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
