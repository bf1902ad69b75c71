"""Files are forecast beyond their end; mistakes are reported in one line."""

import pytest

from apps.stock.__main__ import Stock
from common import runner


def test_a_file_is_forecast_beyond_its_end(
    command, trained_run, tmp_path, capsys
):
    path, plot = trained_run.prices / "garch.csv", tmp_path / "fan.png"
    code, out, _ = command("predict", str(path), f"--plot={plot}", "--paths=2")
    lines = out.splitlines()
    assert code == 0
    last = path.read_text().splitlines()[-1][:10]
    assert lines[0].startswith(f"garch after {last} at ")
    dates = [line.split()[0] for line in lines[1:4]]
    assert [last, *dates] == sorted({last, *dates})
    assert [line.split(":")[0] for line in lines[4:6]] == [
        "  path 1",
        "  path 2",
    ]
    paths = [[float(p) for p in line.split()[2:]] for line in lines[4:6]]
    assert [len(path) for path in paths] == [3, 3]
    assert paths[0] != paths[1]
    assert lines[6] == f"See {plot}"
    assert plot.stat().st_size > 10_000
    assert command("predict", str(path))[1].splitlines() == lines[:4]


def test_a_window_of_the_backtest_is_forecast_in_one_line(command):
    code, out, _ = command("predict", "test:3", "test:0")
    assert code == 0
    third, first = out.splitlines()
    assert third.startswith("test:3\t")
    assert "next day" in first
    assert "; day 3: " in first
    code, _, err = command("predict", "test:999")
    assert code == 1
    assert "the last test example is test:123" in err


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (5, "has 4 days with a price: the model needs 11"),
        (0, "is empty"),
    ],
)
def test_a_file_that_is_too_short_is_refused(
    command, trained_run, tmp_path, lines, message
):
    content = (trained_run.prices / "garch.csv").read_text().splitlines()
    path = tmp_path / "short.csv"
    path.write_text("\n".join(content[:lines]))
    code, _, err = command("predict", str(path))
    assert code == 1
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["test:0", "--plot=fan.jpg"], "--plot=fan.jpg: the name must end"),
        ([f"test:{i}" for i in range(7)], "--plot draws at most 6 inputs"),
    ],
)
def test_a_plot_that_cannot_be_drawn_is_refused(command, words, message):
    code, _, err = command("predict", "--plot=fan.png", *words)
    assert code == 2
    assert message in err


def test_quantiles_need_the_crps(trained_run, tmp_path, capsys):
    words = [
        *("stock", "train", "--dataset=prices", "--window=10", "--horizon=3"),
        "--distribution=quantiles",
        *(f"--data_dir={trained_run.prices}", f"--run_dir={tmp_path}"),
    ]
    assert runner.run(Stock, words) == 1
    assert "use --loss=crps" in capsys.readouterr().err
