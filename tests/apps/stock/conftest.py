"""A run that is trained once, on small markets."""

import dataclasses
import pathlib

import pytest

from apps.stock import Stock
from apps.stock.data import simulation
from common import runner
from tests.apps.stock import markets

OPTIONS = (
    "--dataset=prices",
    "--window=10",
    "--horizon=3",
    "--units=4",
    "--epochs=1",
    "--folds=2",
    "--refit",
)


@dataclasses.dataclass(frozen=True)
class TrainedRun:
    """A trained run, and the folder of its price files."""

    run_dir: pathlib.Path
    prices: pathlib.Path


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    run = TrainedRun(folder / "run", folder / "prices")
    run.prices.mkdir()
    for name in ("random_walk", "garch"):
        series = simulation.market(name, 5, days=260)
        markets.write_csv(series, run.prices)
    markets.write_csv(markets.flat(series), run.prices)
    # It begins five days before the test, and is left out.
    markets.write_csv(markets.last_days(series, "ipo", 70), run.prices)
    words = ["stock", "train", *OPTIONS, f"--data_dir={run.prices}"]
    assert runner.run(Stock, [*words, f"--run_dir={run.run_dir}"]) == 0
    return run


@pytest.fixture
def command(trained_run, capsys):
    """Returns a function that runs a command on the trained run."""

    def run(*words):
        code = runner.run(
            Stock, ["stock", f"--run_dir={trained_run.run_dir}", *words]
        )
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
