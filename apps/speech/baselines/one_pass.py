"""Recognition of connected words by one-pass dynamic time warping.

Every frame of a recording is compared with all frames of all templates at once.
A path through the frames of a template takes its next frame, the one after it,
or stays once: it is at most twice as fast or slow. At its end the path enters
any other template; between words, it may remain in silence. The cost of a path
is the sum of a distance for each frame of the recording, and of a cost for each
pair of successive words.

References: Vintsyuk, Element-Wise Recognition of Continuous Speech Composed of
Words from a Specified Dictionary, 1971; Bridle, Brown & Chamberlain, An
Algorithm for Connected Word Recognition, 1982; Ney, The Use of a One-Stage
Dynamic Programming Algorithm for Connected Word Recognition, 1984; the slopes
are those of Itakura, Minimum Prediction Residual Principle Applied to Speech
Recognition, 1975.
"""

from typing import NamedTuple

import numpy as np

ENTRIES = 2  # Places before a template, from which its first frames are taken.
PART = 64  # Frames whose distances are computed at once: they stay in cache.


class Segment(NamedTuple):
    """A recognized word, and where its frames begin and end."""

    word: int
    start: int
    end: int


class OnePass:
    """Recognizes words by their templates.

    Args:
      templates: float (frames, features) each, at least two frames.
      words: int (templates,), ascending: the word of each template, all of
        those from 0 on.
      silences: float (frames, features), frames of silence.
    """

    def __init__(
        self,
        templates: list[np.ndarray],
        words: np.ndarray,
        silences: np.ndarray,
    ):
        lengths = np.array([len(t) for t in templates])
        ends = np.cumsum(lengths + ENTRIES)
        self._words = words
        self._last = ends - 1
        starts = ends - lengths - ENTRIES
        self._entries = np.stack([starts, starts + 1])
        # Templates of each word, from the first one to that of the next word.
        count = words[-1] + 1
        self._bounds = np.searchsorted(words, np.arange(count + 1))
        features = templates[0].shape[1]
        self._frames = np.zeros((ends[-1], features), np.float32)
        for start, template in zip(starts + ENTRIES, templates):
            self._frames[start : start + len(template)] = template
        self._silences = silences.astype(np.float32)

    def recognize(
        self, features: np.ndarray, costs: np.ndarray, silence_cost: float
    ) -> list[Segment]:
        """Returns the words of the path with the lowest cost.

        Between them, and before and after, there may be silence.

        Args:
          features: float (frames, features).
          costs: float (1 + words, words): of each word after each word; the
            last row is for the first word of a recording. Or (1, 1): the same
            for all.
          silence_cost: Of a frame of silence, times its distance.
        """
        features = features.astype(np.float32)
        silent = silence_cost * _distances(features, self._silences).min(1)
        count = len(self._bounds) - 1
        # Of the best path that is complete, by its last word; the last column
        # is for paths without a word.
        complete = np.full(count + 1, np.inf, np.float32)
        complete[-1] = 0
        search = _Search(self._frames, self._entries)
        trace = _Trace(self._bounds)
        for start in range(0, len(features), PART):
            part = features[start : start + PART]
            for distances in _distances(part, self._frames):
                paths = complete[:, None] + costs
                previous = np.broadcast_to(paths.argmin(0), count)
                entry = np.broadcast_to(paths.min(0), count)
                search.step(distances, entry[self._words])
                ends, starts = search.ends(self._last)
                by_word = np.minimum.reduceat(ends, self._bounds[:-1])
                waited = complete + silent[len(trace.steps)]
                complete = np.minimum(waited, np.append(by_word, np.inf))
                trace.add(previous, ends, starts, complete == waited)
        return trace.segments(complete.argmin())


class _Search:
    """Costs of the paths that end in each frame of each template."""

    def __init__(self, frames, entries):
        self._entries = entries
        self._time = 0
        size = len(frames)
        # Of paths that came from an earlier frame, or stayed in the frame.
        self._moved, self._stayed = np.full((2, size), np.inf, np.float32)
        self._moved_start, self._stayed_start = np.zeros((2, size), np.int32)

    def _best(self):
        is_moved = self._moved <= self._stayed
        return (
            np.minimum(self._moved, self._stayed),
            np.where(is_moved, self._moved_start, self._stayed_start),
        )

    def step(self, distances, entry):
        """Takes a frame of the recording.

        Args:
          distances: Of each frame of each template.
          entry: Cost of the paths that enter each template.
        """
        best, start = self._best()
        best[self._entries] = entry
        start[self._entries] = self._time
        np.add(self._moved, distances, self._stayed)
        self._stayed_start[:] = self._moved_start
        one, two = best[1:-1], best[:-2]
        np.minimum(one, two, out=self._moved[2:])
        self._moved[2:] += distances[2:]
        self._moved_start[2:] = np.where(one <= two, start[1:-1], start[:-2])
        self._moved[self._entries] = np.inf
        self._time += 1

    def ends(self, last):
        """Returns the costs of complete templates, and when they began."""
        candidates = np.stack([last, last - 1])
        moved, stayed = self._moved[candidates], self._stayed[candidates]
        starts = np.where(
            moved <= stayed,
            self._moved_start[candidates],
            self._stayed_start[candidates],
        )
        costs = np.minimum(moved, stayed)
        is_last = costs[0] <= costs[1]
        return costs.min(0), np.where(is_last, starts[0], starts[1])


class _Trace:
    """The decisions of each frame, from which the best path is read."""

    def __init__(self, bounds):
        self._bounds = bounds
        self.steps = []

    def add(self, *step):
        self.steps.append(step)

    def segments(self, word):
        """Returns the words of the best path that ends with a word."""
        segments = []
        time = len(self.steps)
        while time:
            _, ends, starts, is_silent = self.steps[time - 1]
            if is_silent[word]:
                time -= 1
                continue
            first, last = self._bounds[word], self._bounds[word + 1]
            start = starts[first + ends[first:last].argmin()]
            segments.append(Segment(int(word), int(start), time))
            time = start
            word = self.steps[time][0][word]
        return segments[::-1]


def _distances(first, second):
    """Returns Euclidean distances, (frames, frames)."""
    products = first @ second.T
    products *= -2
    products += np.square(first).sum(1)[:, None]
    products += np.square(second).sum(1)
    return np.sqrt(np.maximum(products, 0, out=products), out=products)
