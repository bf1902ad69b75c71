"""Names markets whose scores say little, as their price does not move."""

import numpy as np

from apps.stock.data.series import Series


def clauses(market: Series, y: dict[str, np.ndarray], window: int) -> list[str]:
    """Returns the reasons why scores of a market are degenerate, in words.

    Args:
      market: The series.
      y: Targets of its test examples; only their days are used.
      window: Days that the network reads.
    """
    has_move = market.returns() != 0
    origins = np.searchsorted(market.dates, y["day"].astype("M8[D]"))
    if not has_move[origins + 1].any():
        return [
            f"degenerate: the price does not move on any of {len(origins):,} "
            "test days, and no forecast is better than another"
        ]
    if not has_move[: origins.min() + 1].any():
        return [
            "degenerate: the price does not move before the test, and the "
            "baselines cannot be fitted"
        ]
    moves = np.cumsum(has_move)
    still = int((moves[origins] == moves[origins - window]).sum())
    if still:
        return [
            f"degenerate: the price does not move in {still:,} of "
            f"{len(origins):,} windows, for which MASE has no scale"
        ]
    return []
