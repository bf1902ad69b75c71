"""Files are forecast beyond their end; mistakes are reported in one line."""

import pytest

from apps.stock import Stock
from common import runner

# Their run takes as long as that of the contract, which answers windows, too.
pytestmark = pytest.mark.extended


def test_files_and_windows_of_the_backtest_are_forecast(
    command, trained_run, tmp_path
):
    path, plot = trained_run.prices / "garch.csv", tmp_path / "fan.png"
    code, out, _ = command(
        "predict", str(path), "test:4", f"--plot={plot}", "--paths=2"
    )
    lines = out.splitlines()
    assert code == 0
    # Of a file: a line for each day after its end.
    last = path.read_text().splitlines()[-1][:10]
    assert lines[0].startswith(f"garch after {last} at ")
    dates = [line.split()[0] for line in lines[1:4]]
    assert [last, *dates] == sorted({last, *dates})
    # Of the backtest: one line.
    assert lines[6].startswith("test:4\t")
    assert ": next day " in lines[6]
    assert "; day 3: " in lines[6]
    for first in (4, 7):
        paths = [line.split() for line in lines[first : first + 2]]
        assert [path[:2] for path in paths] == [["path", "1:"], ["path", "2:"]]
        prices = [[float(price) for price in path[2:]] for path in paths]
        assert [len(path) for path in prices] == [3, 3]
        assert prices[0] != prices[1]
    assert lines[9] == f"See {plot}"
    assert plot.stat().st_size > 10_000


def test_an_unknown_window_of_the_backtest_is_refused(command):
    code, _, err = command("predict", "test:999")
    assert code == 1
    left_out, line = err.splitlines()
    assert "ipo has 5 days before the test, which begins on " in left_out
    assert line == (
        "stock: test:999 does not exist: the last test example is test:185."
    )


def test_a_ticker_of_a_table_of_several_is_forecast(
    command, trained_run, tmp_path
):
    rows = (trained_run.prices / "garch.csv").read_text().splitlines()
    path = tmp_path / "all.csv"
    lines = [f"{rows[0]},Ticker"]
    for ticker in ("AAA", "BBB"):
        lines += [f"{row},{ticker}" for row in rows[1:]]
    path.write_text("\n".join(lines))
    code, out, err = command("predict", f"{path}:BBB")
    assert code == 0
    assert out.startswith("BBB after ")
    assert not err
    code, _, err = command("predict", str(path))
    assert code == 1
    assert "2 tickers (AAA, BBB): choose one" in err
    assert err.count("\n") == 1


def test_small_prices_are_printed_and_remarks_are_made_once(
    command, trained_run, tmp_path
):
    rows = (trained_run.prices / "garch.csv").read_text().splitlines()
    path = tmp_path / "SHIB-USD.csv"
    cells = [row.split(",") for row in rows[1:]]
    lines = [f"{row[0]},{float(row[5]) * 1e-7:.12f}" for row in cells]
    path.write_text("\n".join(["date,close", *lines]))
    code, out, err = command("predict", str(path), str(path))
    assert code == 0
    assert out.count(" after ") == 2
    assert "at 0.0000" in out
    assert not any(number.strip("(,") == "0.00" for number in out.split())
    assert err.count("no column of adjusted prices: reads 'close'") == 1
    assert err.count("no column for Open, High, Low, Volume") == 1
    assert err.count("\n") == 2


def test_an_option_of_training_is_refused_by_name(command, trained_run):
    path = trained_run.prices / "garch.csv"
    code, _, err = command("predict", "--window=20", str(path))
    assert code == 2
    assert "--window=20 is an option of training" in err
    assert "has 10" in err
    # How a file is written is not.
    code, out, _ = command("predict", "--price_column=close", str(path))
    assert code == 0
    assert out.startswith("garch after ")


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
