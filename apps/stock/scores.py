"""How good forecasts were, of each example and of all of them."""

import numpy as np

from apps.stock import distributions
from apps.stock import student_t
from apps.stock import targets
from apps.stock.distributions import PLACES

BANDS = {50: (0.25, 0.75), 80: (0.1, 0.9), 90: (0.05, 0.95), 95: (0.025, 0.975)}


def measure(y: np.ndarray, outputs: dict, target: str) -> dict:
    """Returns what each example contributes to the scores.

    Args:
      y: raw targets, (examples, numbers).
      outputs: `location`, `scale` and `freedom` of each day, (examples,
        horizon), or `log_quantiles`, (examples, horizon, levels).
      target: of `targets.KINDS`.

    Returns:
      A dict of (examples, horizon): "crps"; "log_score", the negative log
      density; "absolute" and "squared" errors; "scaled" ones; "direction", 1
      where it was right, a half where none was told; "covered_50" and so on;
      and "log_quantiles" (examples, horizon, levels).
    """
    values = targets.values(y).astype(float)
    kind = "quantiles" if "log_quantiles" in outputs else "student_t"
    of = distributions.named(kind, target)
    if kind == "student_t":
        names = ("location", "scale", "freedom")
        parameters = np.stack([outputs[name] for name in names], -1)
        quantiles = of.quantiles(parameters.astype(np.float32)).numpy()
        density = of.log_density(parameters, values).numpy()
    else:
        quantiles = parameters = outputs["log_quantiles"]
        density = student_t.log_density(quantiles, values)
    if kind == "student_t" and target != "volatility":
        crps = student_t.crps(parameters, values)
    else:
        crps = distributions.crps(quantiles, values.astype(np.float32)).numpy()
    middle = quantiles[..., distributions.MIDDLE]
    now = y[:, targets.NOW, None]
    errors = np.abs(values - middle)
    measured = {
        "crps": crps,
        "log_score": -density,
        "absolute": errors,
        "squared": (values - np.asarray(of.mean(parameters))) ** 2,
        "scaled": errors / targets.scales(y),
        "direction": _hits(values - now, middle - now),
        "log_quantiles": quantiles,
    }
    for band, (low, high) in BANDS.items():
        measured[f"covered_{band}"] = (
            quantiles[..., PLACES[low]] <= values
        ) & (values <= quantiles[..., PLACES[high]])
    return measured


def _hits(moves, told):
    """Returns 1 where both have the same sign, 0.5 where one has none."""
    # Moves that are smaller than a float32 of a log price can tell are none.
    told = np.where(np.abs(told) < 1e-7, 0, told)
    return (1 + np.sign(moves) * np.sign(told)) / 2


def scores(measured: dict) -> dict[str, float]:
    """Returns the metrics of one day, and of the horizon with its suffix."""
    days = measured["crps"].shape[1]
    found = {}
    for day in sorted({1, days}):
        suffix = "" if day == 1 else f"_h{day}"
        mean = {
            name: float(values[:, day - 1].mean())
            for name, values in measured.items()
            if values.ndim == 2
        }
        found |= {
            f"crps{suffix}": mean["crps"],
            f"mase{suffix}": mean["scaled"],
            f"rmse{suffix}": mean["squared"] ** 0.5,
            f"log_score{suffix}": mean["log_score"],
            **{
                f"coverage_{band}{suffix}": mean[f"covered_{band}"]
                for band in BANDS
            },
            f"direction_accuracy{suffix}": mean["direction"],
        }
    return found
