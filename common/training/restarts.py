"""The restarts of a run: models from different seeds, of which one is kept."""

from __future__ import annotations

import pathlib
import shutil

from common import files
from common.app import App
from common.training.state import best_row


def folders(app: App) -> list[pathlib.Path]:
    """Returns the folder of each restart; that of the run if it has one."""
    if app.config.restarts == 1:
        return [app.run_dir]
    numbers = range(1, app.config.restarts + 1)
    return [app.run_dir / "restarts" / str(number) for number in numbers]


def remove_scores(folder: pathlib.Path) -> None:
    """Removes the scores of a model that is about to be replaced."""
    with files.writable(folder / "metrics.json"):
        (folder / "metrics.json").unlink(missing_ok=True)


def keep_best(app: App) -> None:
    """Copies the files of the best restart to the folder of the run."""
    paths, metric = folders(app), app.evaluation.epoch_metric
    rows = [
        best_row(
            files.read_csv(folder / "history.csv", f"val_{metric.name}"), metric
        )
        for folder in paths
    ]
    best = best_row(rows, metric)
    kept = paths[rows.index(best)]
    name = f"val_{metric.name}"
    print(f"Kept restart {kept.name} ({name} {best[name]:.4f}).")
    remove_scores(app.run_dir)
    for file in ("history.csv", "plots", "epochs", "model.keras"):
        if (kept / file).exists():
            _copy(kept / file, app.run_dir / file)


def _copy(source, target):
    with files.writable(target):
        # Of a copy that was interrupted.
        shutil.rmtree(target, ignore_errors=True)
    with files.written_beside(target) as beside:
        if source.is_dir():
            shutil.copytree(source, beside)
        else:
            shutil.copyfile(source, beside)
