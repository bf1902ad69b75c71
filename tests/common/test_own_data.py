"""A run on files of a user's own, from training to the report."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf
from matplotlib.figure import Figure

from common import config
from common import runner
from common.data import dataset
from common.data import own_splits
from common.errors import UsageError
from common.errors import UserError
from common.evaluation import plots
from common.training.state import State
from tests.common import conftest
from tests.common.training import test_loop


class OwnPoints(dataset.Dataset):
    """A file with a number in each line."""

    name = "MINE.txt"
    help = "Your own points."
    license = "a file of the user's own."

    def __init__(self, config, bad_records):
        super().__init__(config, bad_records)
        self.splits = own_splits.OwnSplits(config, self._read, str, "points")

    @classmethod
    def matches(cls, value):
        return value.endswith(".txt")

    def _read(self, path):
        for line in pathlib.Path(path).read_text().split():
            yield "", float(line)

    def examples(self, split):
        x = np.array(self.splits.examples(split), "f4")
        return tf.data.Dataset.from_tensor_slices(({"x": x}, {"y": 2 * x}))


class OwnEvaluation(conftest.ToyEvaluation):
    """Baselines of any number of test points."""

    def baselines(self, model):
        count = int(self.app.examples("test").cardinality())
        return {"Zero": {"y": np.zeros(count, "f4")}}


class Toy(conftest.Toy):
    """Learns a line from points of your own."""

    datasets = {**conftest.Toy.datasets, "MINE.txt": OwnPoints}

    @staticmethod
    def evaluation_class():
        return OwnEvaluation


@pytest.fixture(scope="module", autouse=True)
def no_figures():
    """Draws no learning curves, which takes longer than to train."""
    with pytest.MonkeyPatch.context() as patch:
        empty = Figure(figsize=(1, 1))
        patch.setattr(plots, "learning_curves", lambda *arguments: empty)
        yield


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Returns the options of three files; a test point is a training point."""
    folder = tmp_path_factory.mktemp("points")
    points = {"train": range(40), "valid": range(40, 45), "test": range(39, 49)}
    paths = {split: str(folder / f"{split}.txt") for split in points}
    for split, values in points.items():
        numbers = [str(value / 50) for value in values]
        pathlib.Path(paths[split]).write_text("\n".join(numbers))
    return {f"{split}_file": path for split, path in paths.items()}


@pytest.fixture(scope="module")
def run(files, tmp_path_factory):
    run = Toy.train(
        **files, epochs=2, run_dir=str(tmp_path_factory.mktemp("run") / "run")
    )
    run.evaluate()
    return run


def test_the_report_names_the_test_file_and_what_is_not_new(run, files):
    report = json.loads((run.run_dir / "metrics.json").read_text())
    assert report["examples"] == 10
    assert report["dataset"] == files["test_file"]
    assert report["notes"] == [
        # The points 39 to 44 of 50 train or validate.
        f"6 of 10 test points of {files['test_file']} are also training or "
        "validation points."
    ]


def test_the_run_keeps_its_files(run, files):
    saved = json.loads((run.run_dir / "config.json").read_text())
    assert {name: saved[name] for name in files} == files
    assert saved["dataset"] == files["train_file"]
    loaded = Toy.load(run.run_dir)
    assert loaded.evaluate().metrics == run.evaluate().metrics
    assert Toy.load(run.run_dir, **files).trained_on is None


def test_a_run_with_other_files_is_refused(run, files, capsys):
    options = {**files, "valid_file": files["test_file"], "epochs": 2}
    flags = [f"--{name}={value}" for name, value in options.items()]
    argv = ["toy", "train", f"--run_dir={run.run_dir}", *flags]
    assert runner.run(Toy, argv) == 1
    error = capsys.readouterr().err
    assert f"--valid_file={files['test_file']} (the run has" in error


def test_a_run_is_scored_on_all_of_another_test_file(run, files, tmp_path):
    path = tmp_path / "other.txt"
    path.write_text("0.5\n7\n8\n")
    before = (run.run_dir / "metrics.json").read_bytes()
    report = Toy.load(run.run_dir, test_file=str(path)).evaluate()
    assert (report.dataset, report.examples) == (str(path), 3)
    assert report.notes == [
        f"The model was trained on {files['train_file']}, and so were its "
        "baselines.",
        f"1 of 3 test points of {path} are also training or validation points.",
    ]
    assert (run.run_dir / "metrics.json").read_bytes() == before


@pytest.mark.extended
def test_a_run_on_published_data_is_scored_on_a_test_file(
    trained_folder, tmp_path
):
    path = tmp_path / "other.txt"
    path.write_text("7\n8\n")
    report = Toy.load(trained_folder, test_file=str(path)).evaluate()
    assert report.examples == 2
    assert report.notes == [
        "The model was trained on sample, and so were its baselines."
    ]


def cross_validate(files, folder, **options):
    return Toy.cross_validate(
        train_file=files["train_file"],
        folds=3,
        run_dir=str(folder / "run"),
        epochs=2,
        batch_size=8,
        checkpoint_minutes=0.0,
        **options,
    )


@pytest.fixture(scope="module")
def folds(files, tmp_path_factory):
    """Returns the folder of all folds, and one killed in the second."""
    whole, killed = (tmp_path_factory.mktemp(name) for name in "ab")
    with pytest.MonkeyPatch.context() as patch:
        in_the_second = (State, "save", 14)  # Five steps and more an epoch.
        test_loop.copy_before(
            patch, whole / "run", killed / "run", *in_the_second
        )
        return whole, killed, cross_validate(files, whole)


def test_each_fold_is_scored_by_a_model_of_its_own(folds, files):
    whole, _, result = folds
    assert (result.dataset, result.examples) == (files["train_file"], 40)
    assert [fold.examples for fold in result.folds] == [13, 13, 14]
    assert len({fold.train_sha256 for fold in result.folds}) == 3
    errors = [fold.metrics["error"] for fold in result.folds]
    assert result.metrics["error"] == pytest.approx(np.mean(errors))
    zeros = [fold.baselines["Zero"]["error"] for fold in result.folds]
    assert result.baselines["Zero"]["error"] == pytest.approx(np.mean(zeros))
    saved = json.loads(
        (whole / "run/cross_validation/metrics.json").read_text()
    )
    assert saved["interval"] == result.interval
    assert [fold["metrics"] for fold in saved["folds"]] == [
        fold.metrics for fold in result.folds
    ]


def test_folds_are_no_run(folds):
    whole, _, _ = folds
    assert [path.name for path in (whole / "run").iterdir()] == [
        "cross_validation"
    ]


@pytest.mark.extended
def test_killed_folds_resume_to_the_same_bits(folds, files, capsys):
    whole, killed, result = folds
    parts = [killed / "run/cross_validation" / number for number in "123"]
    assert [(part / "model.keras").exists() for part in parts] == [
        *(True, False, False),
    ]
    assert (parts[1] / "checkpoints").exists()
    first = (parts[0] / "model.keras").stat().st_mtime_ns
    resumed = cross_validate(files, killed)
    assert (parts[0] / "model.keras").stat().st_mtime_ns == first
    for part in parts:
        same = whole / part.relative_to(killed) / "model.keras"
        assert (part / "model.keras").read_bytes() == same.read_bytes()
    assert resumed.metrics == result.metrics
    assert "Fold 2 of 3:" in capsys.readouterr().out


def test_folds_of_other_options_or_numbers_are_refused(folds, files):
    whole, _, _ = folds
    with pytest.raises(UserError, match="slope=1.0 .the run has 2.0"):
        cross_validate(files, whole, slope=1.0)
    with pytest.raises(UserError, match="split is not the one with which"):
        Toy.cross_validate(
            train_file=files["train_file"],
            folds=4,
            run_dir=str(whole / "run"),
            epochs=2,
            batch_size=8,
        )


def test_data_with_splits_have_no_folds(trained_folder, tmp_path):
    with pytest.raises(UserError, match="the data set sample has splits of"):
        Toy.cross_validate(run_dir=str(tmp_path / "run"))


def test_the_folder_of_another_run_is_refused(run, files):
    with pytest.raises(UserError, match="holds a run with other options"):
        Toy.cross_validate(
            train_file=files["train_file"], run_dir=str(run.run_dir)
        )


def test_the_command_prints_means_and_folds(folds, files, capsys):
    whole, _, result = folds
    argv = [
        *("toy", "cross_validate", f"--run_dir={whole}/run", "--folds=3"),
        *(f"--train_file={files['train_file']}", "--epochs=2"),
        "--batch_size=8",
    ]
    assert runner.run(Toy, argv) == 0
    out = capsys.readouterr().out
    assert result.table() in out
    lines = result.table().splitlines()
    assert lines[0] == f"Mean of 3 folds, 40 examples of {files['train_file']}"
    assert lines[4].endswith("(95 %, corrected t-test over folds).")
    assert lines[-1].startswith("Fold 3: 14 test examples, closeness -")


def test_two_training_files_contradict_each_other():
    with pytest.raises(UsageError, match="--dataset=a and --train_file=b name"):
        config.Config(dataset="a", train_file="b")
    assert config.Config(dataset="b", train_file="b").dataset == "b"
    assert config.Config(train_file="b").source("train") == "b"


def test_each_split_has_a_source():
    options = config.Config(dataset="a", test_file="c")
    sources = [options.source(split) for split in ("train", "valid", "test")]
    assert sources == ["a", "a", "c"]
