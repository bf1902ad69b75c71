"""A backtest that walks forward: before each fold a network is trained anew."""

import dataclasses

import numpy as np

from apps.stock.series import Series
from common.app import App
from common.app_model import AppModel
from common.data import batching
from common.training import trainer


def starts(series: tuple[Series, ...], bounds: tuple, folds: int) -> np.ndarray:
    """Returns the first day of each fold, datetime64[D].

    Args:
      series: all markets.
      bounds: as `data.boundaries` returns them.
      folds: parts, of as many days each as can be.
    """
    _, test, end = bounds
    days = np.unique(np.concatenate([one.dates for one in series]))
    days = days[(days >= test) & (days < end)]
    parts = np.array_split(days, min(folds, len(days)))
    return np.array([part[0] for part in parts])


def answered(app: App, model: AppModel, days: np.ndarray, end: np.datetime64):
    """Returns targets and answers of all folds, each of its own network.

    The network of a fold is a run of its own, <run_dir>/folds/2 and so on: it
    goes on where it was stopped. That of the first is the one of `app`.

    Args:
      app: its options are those of all folds.
      model: the one that was trained before the first fold.
      days: the first day of each fold.
      end: the day after the last one.
    """
    targets, outputs = [], []
    for number, (start, until) in enumerate(zip(days, [*days[1:], end]), 1):
        config = dataclasses.replace(
            app.config,
            test_start=str(start),
            test_end=str(until),
            folds=1,
            refit=False,
            fresh=False,
            run_dir=str(app.run_dir / "folds" / str(number)),
        )
        fold = type(app)(config)
        if number > 1:
            print(f"Fold {number} of {len(days)}, from {start}:")
            model = app.ready(trainer.train(fold))
        test = fold.examples("test")
        if not int(test.cardinality()):
            continue  # The horizon reaches beyond the data.
        found = batching.answers(model, test, config.batch_size)
        targets.append(found[0])
        outputs.append(found[1])
    return np.concatenate(targets), {
        name: np.concatenate([output[name] for output in outputs])
        for name in outputs[0]
    }
