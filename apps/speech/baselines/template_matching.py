"""Template matching: connected words by dynamic time warping."""

import functools

import numpy as np
import tensorflow as tf

from apps.speech.baselines import cepstra
from apps.speech.baselines import one_pass
from apps.speech.baselines import templates
from common.evaluation.metrics import error_rates

# Products of frames of recordings and frames of templates, as many as one core
# compares in about half a minute.
WORK = 3e9
MAX_FRAMES = 60_000  # Of templates.
TUNED_ON = 50  # Validation recordings.
WORD_COSTS = (4.0, 0.0, 8.0, 15.0, 25.0)  # In deviations of a frame.
SILENCE_COSTS = (1.0, 0.8, 1.25)  # Times the distance to silence.
RUNS = len(WORD_COSTS) + len(SILENCE_COSTS) - 1


def transcripts(
    rate: int,
    train: tf.data.Dataset,
    valid: tf.data.Dataset,
    test: tf.data.Dataset,
) -> np.ndarray:
    """Returns the transcript of each test recording, bytes (recordings,).

    Templates are cut from the training recordings; the costs of a word and of
    silence are those with the fewest errors on the validation recordings.

    Args:
      rate: Samples a second to which recordings are converted.
      train: Raw training examples.
      valid: Raw validation examples.
      test: Raw test examples.
    """
    known = cepstra.read(train, rate)
    tuning, tested = (
        cepstra.read(examples, rate) for examples in (valid, test)
    )
    places = np.linspace(0, len(tuning) - 1, TUNED_ON).round().astype(int)
    tuning = [tuning[place] for place in np.unique(places)]
    work = RUNS * _frames(tuning) + _frames(tested)
    max_frames = int(min(WORK / max(1, work), MAX_FRAMES))
    recognizer = Recognizer(templates.cut(known, max_frames))
    costs = _best_costs(recognizer, tuning)
    answers = [recognizer.transcript(u.features, *costs) for u in tested]
    return np.array([text.encode() for text in answers], object)


def _frames(utterances):
    return sum(len(utterance.features) for utterance in utterances)


class Recognizer:
    """Recognizes words by templates.

    Args:
      known: The templates.
    """

    def __init__(self, known: templates.Templates):
        self._known = known
        self._search = None
        if known.names:
            self._search = one_pass.OnePass(
                [frames / known.deviations for frames in known.frames],
                known.words,
                known.silences / known.deviations,
            )

    def transcript(
        self, features: np.ndarray, word_cost: float, silence_cost: float
    ) -> str:
        """Returns the words of a recording.

        Args:
          features: Of its frames; see `cepstra`.
          word_cost: Added for each word.
          silence_cost: Times the distance of a frame to silence.
        """
        if self._search is None:  # No training recording has a word.
            return ""
        words = self._search.recognize(
            features / self._known.deviations,
            np.full([1, 1], word_cost, np.float32),
            silence_cost,
        )
        return " ".join(self._known.names[word] for word in words)


def _best_costs(recognizer, utterances):
    """Returns the costs of a word and of silence with the fewest errors."""

    @functools.cache
    def errors(*costs):
        total = 0
        for utterance in utterances:
            answer = recognizer.transcript(utterance.features, *costs).split()
            total += sum(error_rates.counts(utterance.words, answer)[:-1])
        return total

    # Of equally good ones, the first.
    word_cost = min(WORD_COSTS, key=lambda c: errors(c, SILENCE_COSTS[0]))
    silence_cost = min(SILENCE_COSTS, key=lambda c: errors(word_cost, c))
    return word_cost, silence_cost
