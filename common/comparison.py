"""Scores beside those of baselines: bootstrap intervals, and their table."""

from collections.abc import Callable

import numpy as np

COLUMN = 9  # Characters of the longest number: 1.234e-05.
LOWER_IS_BETTER = frozenset(
    {"loss", "log_loss", "perplexity", "crps", "mase", "rmse", "log_score"}
)


def bootstrap(
    scores: Callable[[np.ndarray], dict[str, float]],
    examples: int,
    seed: int = 0,
    rounds: int = 1000,
    groups: np.ndarray | None = None,
) -> dict[str, tuple[float, float]]:
    """Returns the 95 % percentile interval of each score.

    Args:
      scores: takes the indices (examples,) of a resampled test set and
        returns named scores; return differences between two models to get a
        paired bootstrap.
      examples: size of the test set.
      seed: of the resampling.
      rounds: number of resampled test sets.
      groups: int (examples,); those of one number depend on each other, and
        are drawn together. None: all are independent.

    Reference: Efron & Tibshirani, An Introduction to the Bootstrap, 1993;
    paired: Koehn, EMNLP 2004; in groups, of a time series its blocks:
    Carlstein, The Annals of Statistics 14, 1986.
    """
    rng = np.random.default_rng(seed)
    if groups is None:
        samples = [
            scores(rng.integers(examples, size=examples)) for _ in range(rounds)
        ]
    else:
        members = [np.flatnonzero(groups == g) for g in np.unique(groups)]
        samples = []
        for _ in range(rounds):
            drawn = rng.integers(len(members), size=len(members))
            samples.append(scores(np.concatenate([members[i] for i in drawn])))
    return {
        name: tuple(
            float(bound)
            for bound in np.quantile([s[name] for s in samples], [0.025, 0.975])
        )
        for name in samples[0]
    }


def compare(
    score: Callable[[np.ndarray, dict[str, np.ndarray]], dict[str, float]],
    headline: str,
    targets: np.ndarray,
    outputs: dict[str, np.ndarray],
    others: dict[str, dict[str, np.ndarray]],
    seed: int = 0,
    groups: np.ndarray | None = None,
) -> dict:
    """Returns the scores of a model beside those of its baselines.

    Args:
      score: returns metrics from targets and answers.
      headline: the metric that decides which is better.
      targets: (examples, ...).
      outputs: answers of the model, each (examples, ...).
      others: answers of each baseline, each (examples, ...), by name.
      seed: of the bootstrap.
      groups: as of `bootstrap`.

    Returns:
      "metrics": the scores; "interval": of them, 95 %; "baseline": name and
      scores of the best one by `headline`; "other_baselines": scores of the
      others, by name; "baselines": of all; "difference": the interval of the
      gain in `headline` over the best one, positive where the model is
      better, by a paired bootstrap; "better_than_baseline": whether all of it
      is positive.
    """
    lower = headline in LOWER_IS_BETTER
    scores = {name: score(targets, others[name]) for name in others}
    best = (min if lower else max)(scores, key=lambda n: scores[n][headline])

    def both(rows):
        own, other = (
            score(targets[rows], {k: v[rows] for k, v in answers.items()})
            for answers in (outputs, others[best])
        )
        gain = own[headline] - other[headline]
        return {**own, None: -gain if lower else gain}

    interval = bootstrap(both, len(targets), seed, groups=groups)
    difference = interval.pop(None)
    return {
        "metrics": score(targets, outputs),
        "interval": interval,
        "baselines": dict(scores),
        "baseline": {"name": best, "metrics": scores.pop(best)},
        "other_baselines": scores,
        "headline": headline,
        "difference": difference,
        "better_than_baseline": difference[0] > 0,
    }


def table(report: dict) -> str:
    """Returns the scores of metrics.json as lines to print."""
    baseline = report["baseline"]
    columns = {
        baseline["name"]: baseline["metrics"],
        **report["other_baselines"],
    }
    width = max(12, *map(len, report["metrics"]))
    lines = [
        f"{report['examples']:,} {report['split']} examples of "
        f"{report['dataset']}",
        f"{'':{width}}{'model':>10}{'95 % interval':>22}   "
        + "   ".join(f"{column:{COLUMN}}" for column in columns).rstrip(),
    ]
    for name, value in report["metrics"].items():
        low, high = report["interval"][name]
        line = f"{name:{width}}{_shown(value):>10}{_shown(low):>10} …"
        line += f"{_shown(high):>10}"
        for column, scores in columns.items():
            shown = _shown(scores[name]) if name in scores else "-"
            line += f"   {shown:{max(COLUMN, len(column))}}"
        lines.append(line.rstrip())
    low, high = report["difference"]
    verdict = (
        "Better than" if report["better_than_baseline"] else "Not better than"
    )
    lines.append(
        f"{verdict} {baseline['name']}: gain in {report['headline']} "
        f"{_shown(low, '+')} … {_shown(high, '+')} (95 %, paired bootstrap)."
    )
    if report["scoring"]:
        lines.append(report["scoring"])
    lines += report.get("verdict", [])
    return "\n".join(lines)


def _shown(value, sign=""):
    """Returns a number with the four digits that count, small or large."""
    return f"{value:{sign}{'.1f' if abs(value) >= 1000 else '#.4g'}}"
