"""The best baseline of each market, as one baseline of all markets."""

import numpy as np

from apps.stock.evaluation import scores

NAME = "best of each market"


def combine(
    y: dict[str, np.ndarray],
    baselines: dict[str, dict[str, np.ndarray]],
    target: str,
) -> dict[str, np.ndarray]:
    """Returns for each market the forecasts of its best baseline.

    That with the lowest CRPS of the next day. A model that is better than each
    single baseline on the mean of all markets may be worse than one of them
    on each market.

    Args:
      y: See `targets`.
      baselines: Parameters (examples, horizon) of each baseline, by name.
      target: One of `targets.KINDS`.
    """
    crps = {
        name: scores.per_example(y, outputs, target)["crps"]
        for name, outputs in baselines.items()
    }
    chosen = np.empty(len(y["ticker"]), object)
    for ticker in np.unique(y["ticker"]):
        rows = y["ticker"] == ticker
        chosen[rows] = min(crps, key=lambda name: crps[name][rows].mean())
    combined = {}
    for name, outputs in baselines.items():
        for parameter, values in outputs.items():
            of_all = combined.setdefault(parameter, np.zeros_like(values))
            of_all[chosen == name] = values[chosen == name]
    return combined
