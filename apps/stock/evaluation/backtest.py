"""The walk-forward backtest: a new network is trained before each fold."""

import dataclasses

import numpy as np

from common.app import App
from common.app_model import AppModel
from common.data import batching
from common.training import trainer


def predict(
    app: App, model: AppModel
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Returns targets and answers of all folds, each by its own network.

    The network of a fold is a run of its own, in <run_dir>/extra/folds/2 and
    so on, which resumes where it was stopped.

    Args:
      app: Its options hold for all folds.
      model: The network of the first fold.
    """
    starts = app.dataset.fold_starts()
    ends = [*starts[1:], app.dataset.periods.test_end]
    targets, answers = [], []
    for number, (start, end) in enumerate(zip(starts, ends), 1):
        fold = _fold(app, number, start, end)
        if number > 1:
            print(f"Fold {number} of {len(starts)}, from {start}:")
            model = trainer.train(fold)
        test = fold.examples("test")
        if not batching.size(test):
            continue  # The horizon ends after the data.
        y, outputs = batching.predictions(model, test, app.config.batch_size)
        targets.append(y)
        answers.append(outputs)
    return batching.concatenated(targets), batching.concatenated(answers)


def _fold(app, number, start, end):
    """Returns the app whose test period is a fold."""
    fold = type(app)(
        dataclasses.replace(
            app.config,
            test_start=str(start),
            test_end=str(end),
            folds=1,
            refit=False,
            fresh=False,
            run_dir=str(app.run_dir / "extra" / "folds" / str(number)),
        )
    )
    # All folds have the same series: they are read once.
    fold.dataset.series = app.dataset.series
    return fold
