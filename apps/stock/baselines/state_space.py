"""Linear state-space models of statsmodels: selection, and their forecasts."""

import warnings

import numpy as np

MAX_DAYS = 2_000  # The last days before a fold; models are fitted to them.


def best_fit(models, **options):
    """Returns the fit with the lowest AIC; None if no fit succeeds.

    Args:
      models: Models of statsmodels.
      **options: Arguments of their `fit`.
    """
    fits = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for model in models:
            try:
                fits.append(model.fit(**options))
            # A series may not suit a form at all.
            except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
                continue
    fits = [fit for fit in fits if np.isfinite(fit.aic)]
    return min(fits, key=lambda fit: fit.aic, default=None)


def forecasts(fit, values: np.ndarray, horizon: int) -> np.ndarray:
    """Returns the forecasts after each value, (days, horizon).

    Args:
      fit: See `best_fit`; its parameters stay as they are.
      values: (days,); the values that it was fitted to, and later ones.
      horizon: Days ahead.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        filtered = fit.model.clone(values).filter(fit.params)
    space = filtered.model.ssm
    design = space["design"].reshape(-1)
    states = filtered.filter_results.predicted_state[:, 1:]
    days = []
    for _ in range(horizon):
        days.append(design @ states)
        states = space["transition"] @ states
    return np.stack(days, 1)
