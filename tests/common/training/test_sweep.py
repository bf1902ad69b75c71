"""A sweep trains each combination once, resumes, and reads no test split."""

import csv
import signal

import pytest

from common import files
from common import runner
from common.evaluation import plots
from common.evaluation.metric import Metric
from common.training import sweep_options
from common.training.state import State
from tests.apps import test_contract
from tests.common import conftest
from tests.common.training import test_loop

VALUES = "--values=learning_rate=0.1,0.0;batch_size=4"
TRIALS = (
    "batch_size=4,learning_rate=0.1",
    "batch_size=4,learning_rate=0.0",
)


class Points(conftest.Points):
    """Points whose test split must not be read."""

    def examples(self, split):
        assert split != "test", "The test split was read."
        return super().examples(split)


class Secretive(conftest.Toy):
    datasets = {"sample": Points}


def table(folder):
    with (folder / "sweep.csv").open() as file:
        return list(csv.DictReader(file))


def weights(folder, trial):
    return (folder / "trials" / trial / "model.keras").read_bytes()


def test_trials_are_listed_and_the_test_split_is_not_read(toy):
    code, out, err = toy("sweep", VALUES, app_class=Secretive)
    assert (code, err) == (0, "")
    rows = table(toy.folder)
    assert [row["learning_rate"] for row in rows] == ["0.1", "0.0"]
    assert float(rows[0]["val_loss"]) < float(rows[1]["val_loss"])
    for row, name in zip(rows, TRIALS):
        assert row["run_dir"] == str(toy.folder / "trials" / name)
        history = files.read_csv(toy.folder / "trials" / name / "history.csv")
        losses = [epoch["val_loss"] for epoch in history]
        assert float(row["val_loss"]) == min(losses)
        assert int(row["epoch"]) == 1 + losses.index(min(losses))
    lines = out.splitlines()[-5:]
    assert lines[0].split() == [
        *("learning_rate", "batch_size", "val_loss", "epoch", "minutes")
    ]
    assert [line.split()[0] for line in lines[1:3]] == ["0.1", "0.0"]
    assert lines[3].startswith("Best: learning_rate=0.1, batch_size=4. ")
    assert lines[4] == (
        f"  python -m apps.toy evaluate --run_dir={rows[0]['run_dir']}"
    )
    assert (toy.folder / "sweep.png").stat().st_size > 1000
    # The class itself is strict: `evaluate` reads the split.
    with pytest.raises(AssertionError, match="The test split was read"):
        toy("evaluate", f"--run_dir={rows[0]['run_dir']}", app_class=Secretive)


@pytest.mark.extended
def test_the_command_of_the_best_trial_evaluates_it(toy):
    _, out, _ = toy("sweep", VALUES)
    best = toy.folder / "trials" / TRIALS[0]
    assert (
        runner.run(conftest.Toy, ["toy", "evaluate", f"--run_dir={best}"]) == 0
    )
    assert (best / "metrics.json").exists()


@pytest.mark.extended
def test_a_trial_is_the_run_that_train_would_give(toy):
    toy("sweep", VALUES)
    toy("train", "--learning_rate=0.1", "--batch_size=4")
    assert (
        weights(toy.folder, TRIALS[0])
        == (toy.folder / "model.keras").read_bytes()
    )


@pytest.mark.extended
def test_an_interrupted_sweep_resumes_to_the_same_bits(
    toy, tmp_path, monkeypatch
):
    options = [VALUES, *test_loop.OPTIONS]
    whole = tmp_path / "whole"
    with monkeypatch.context() as patch:
        # The first trial saves more than 20 times, twice for each step.
        test_loop.copy_before(patch, whole, toy.folder, State, "save", 60)
        argv = ["toy", "sweep", f"--run_dir={whole}", *options]
        assert runner.run(conftest.Toy, argv) == 0
    first, second = (toy.folder / "trials" / t / "model.keras" for t in TRIALS)
    assert first.exists() and not second.exists()
    assert (second.parent / "checkpoints").exists()
    written = first.stat().st_mtime_ns
    code, out, _ = toy("sweep", *options)
    assert code == 0
    assert f"Trial 1 of 2: {TRIALS[0]}, already trained\n" in out
    assert f"Trial 2 of 2: {TRIALS[1]}\n" in out
    assert first.stat().st_mtime_ns == written
    for trial in TRIALS:
        assert weights(toy.folder, trial) == weights(whole, trial)


def test_a_signal_stops_the_sweep_and_names_the_trial(toy, monkeypatch):
    monkeypatch.setattr(
        "common.training.signals.pending", lambda: signal.SIGTERM
    )
    code, out, err = toy("sweep", VALUES)
    assert code == 143
    assert "the same command resumes" in err
    assert out.count("Trial ") == 1


@pytest.mark.slow
def test_further_values_train_only_the_new_combinations(toy):
    toy("sweep", VALUES)
    before = (toy.folder / "trials" / TRIALS[0] / "model.keras").stat()
    code, out, _ = toy("sweep", "--values=learning_rate=0.1,0.2;batch_size=4")
    assert code == 0
    assert out.count("Kept epoch") == 1
    after = (toy.folder / "trials" / TRIALS[0] / "model.keras").stat()
    assert after.st_mtime_ns == before.st_mtime_ns
    assert {row["learning_rate"] for row in table(toy.folder)} == {"0.1", "0.2"}


@pytest.mark.extended
def test_trials_with_other_options_are_refused_before_training(toy):
    toy("sweep", VALUES)
    code, out, err = toy(
        *("sweep", "--seed=3", "--values=learning_rate=0.2,0.1;batch_size=4")
    )
    assert (code, err.count("\n")) == (1, 1)
    assert "--seed=3 (the run has 0)" in err
    assert "Trial 1" not in out
    code, out, _ = toy("sweep", "--seed=3", "--fresh", VALUES)
    assert (code, out.count("Kept epoch")) == (0, 2)


@pytest.mark.extended
def test_fresh_keeps_the_trials_if_the_data_cannot_be_read(toy):
    toy("sweep", VALUES)
    code, _, _ = toy("sweep", "--fresh", "--dataset=none", VALUES)
    assert code == 1
    assert weights(toy.folder, TRIALS[0])


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["sweep"], "A sweep needs options with values"),
        (["sweep", "--values=slop=1"], "There is no option 'slop'"),
        (["sweep", "--values=slope=1;batch_size=0"], "batch_size=0 is less"),
        (
            ["sweep", "--train_file=a.csv", "--values=dataset=a.csv,b.csv"],
            "--dataset=b.csv and --train_file=a.csv name different",
        ),
        (["train", VALUES], "--values and --trials are of `sweep`, not train"),
        (["--trials=2"], "--values and --trials are of `sweep`, not all"),
    ],
)
def test_wrong_options_are_refused_before_training(toy, argv, message):
    code, out, err = toy(*argv)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not toy.folder.exists()


@pytest.mark.extended
def test_a_trial_that_diverges_is_listed_last(toy):
    code, out, err = toy(
        "sweep", "--values=learning_rate=1e38,0.1", "--clip_norm=0"
    )
    assert code == 0
    assert "The validation loss of epoch 1 is inf" in err
    assert out.splitlines()[-3].split() == ["1e+38", "diverged", "-", "-"]
    rows = table(toy.folder)
    assert [bool(row["problem"]) for row in rows] == [False, True]
    assert rows[1]["val_loss"] == ""
    code, _, err = toy("sweep", "--values=learning_rate=1e38", "--clip_norm=0")
    assert code == 1
    assert "All trials diverged: " in err.splitlines()[-1]


def test_a_problem_of_the_machine_ends_the_sweep(toy, monkeypatch):
    def save(state):
        raise files.UserError("The disk is full.")

    monkeypatch.setattr(State, "save", save)
    code, out, err = toy("sweep", VALUES)
    assert (code, err) == (1, "toy: The disk is full.\n")
    assert out.count("Trial ") == 1


@pytest.mark.slow
def test_different_validation_examples_are_named(toy):
    _, out, _ = toy("sweep", "--values=slope=1,2")
    assert "have different validation examples" in out
    _, out, _ = toy("sweep", "--values=learning_rate=0.1,0.2")
    assert "have different validation examples" not in out


@pytest.mark.extended
def test_a_metric_of_which_higher_is_better_sorts_the_other_way(toy):
    class Evaluation(conftest.ToyEvaluation):
        primary_metric = Metric("closeness", "Closeness.", selects_epoch=True)
        metrics = (primary_metric, *conftest.ToyEvaluation.metrics[1:])

    class Close(Secretive):
        @staticmethod
        def evaluation_class():
            return Evaluation

    toy("sweep", "--values=learning_rate=0.0,0.1", app_class=Close)
    rows = table(toy.folder)
    assert [row["learning_rate"] for row in rows] == ["0.1", "0.0"]
    assert float(rows[0]["val_closeness"]) > float(rows[1]["val_closeness"])


@pytest.mark.extended
def test_a_sweep_from_python_is_that_of_the_command(toy, capsys):
    result = Secretive.sweep(
        {"learning_rate": [0.1, 0], "batch_size": [4]},
        run_dir=str(toy.folder),
        epochs=2,
    )
    assert result.best.run_dir == toy.folder / "trials" / TRIALS[0]
    assert result.best.config.learning_rate == 0.1
    assert len(result.figure().axes) == 2
    assert [row["epoch"] for row in result.rows] == [2, 1]
    assert not (toy.folder / ".lock").exists()
    capsys.readouterr()
    code, out, _ = toy("sweep", VALUES)
    assert code == 0
    assert "Epoch" not in out
    assert result.table() in out


def test_each_chart_has_the_trials_by_the_values_of_an_option():
    rows = [
        {"units": 16, "cell": "gru", "val_loss": 0.1},
        {"units": 8, "cell": "lstm", "val_loss": 0.2},
    ]
    units, cell = plots.sweep(rows, ["units", "cell"], "val_loss").axes
    assert [t.get_text() for t in units.get_xticklabels()] == ["8", "16"]
    assert units.lines[0].get_xdata().tolist() == [1, 0]
    assert units.lines[1].get_ydata().tolist() == [0.1]
    assert cell.get_xlabel() == "cell"
    assert units.get_ylabel() == "val loss"


@pytest.mark.parametrize("app_class", test_contract.app_classes())
def test_the_example_of_the_help_page_fits_every_app(app_class):
    text = runner.SWEEP_HELP.split('--values="')[1].split('"')[0]
    values = sweep_options.parse(app_class.Config, text)
    trials = sweep_options.combinations(app_class.Config(), values)
    assert len(trials) == 4
    assert runner.SWEEP_HELP.format(app_class.name) in runner.help_page(
        app_class
    )
