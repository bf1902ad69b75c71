"""CTC prefix beam search in plain Python, and the scores of automata."""

import collections

import numpy as np

from common.generation.ctc.automaton import FORBIDDEN


def automaton_score(automaton, tokens, weight=1.0, ends=True):
    """Returns the weighted score of tokens, -inf if they are forbidden."""
    state, scores = 0, []
    for token in tokens:
        scores.append(automaton.log_probs[state, token])
        state = automaton.next_states[state, token]
    if ends:
        scores.append(automaton.final[state])
    if any(score <= FORBIDDEN for score in scores):
        return -np.inf
    return weight * float(np.sum(scores, dtype=np.float64))


def prefix_beam_search(log_probs, width, scorers=()):
    """Returns pairs of tokens and score, the best first.

    Args:
      log_probs: float64 (frames, 1 + tokens).
      width: Beam width.
      scorers: Pairs of an automaton and its weight.
    """

    def score(prefix, ends=False):
        return sum(automaton_score(a, prefix, w, ends) for a, w in scorers)

    # Log probabilities of the paths of each prefix that end in a blank, and
    # in its last token.
    beams = {(): (0.0, -np.inf)}
    for frame in log_probs:
        after = collections.defaultdict(lambda: (-np.inf, -np.inf))

        def add(prefix, blank, label, after=after):
            sums = np.logaddexp(after[prefix], (blank, label))
            after[prefix] = tuple(sums)

        for prefix, (blank, label) in beams.items():
            either = np.logaddexp(blank, label)
            add(prefix, either + frame[0], -np.inf)
            for token in range(1, len(frame)):
                repeats = prefix[-1:] == (token,)
                if repeats:
                    add(prefix, -np.inf, label + frame[token])
                before = blank if repeats else either
                add((*prefix, token), -np.inf, before + frame[token])
        ranks = {p: np.logaddexp(*after[p]) + score(p) for p in after}
        best = sorted(ranks, key=ranks.get, reverse=True)[:width]
        beams = {p: after[p] for p in best if ranks[p] > -np.inf}
    results = [(p, np.logaddexp(*beams[p]) + score(p, True)) for p in beams]
    return sorted(results, key=lambda pair: pair[1], reverse=True)
