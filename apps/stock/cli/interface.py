"""Price files in, forecasts out."""

from apps.stock.data.form import Form
from apps.stock.data.remarks import Remarks
from common.errors import UsageError
from common.interface import TEST_EXAMPLE
from common.interface import Interface
from common.page import page
from common.page import views


class StockInterface(Interface):
    """Takes each word as a .csv file, or as a window of the backtest."""

    def __init__(self, app):
        super().__init__(app)
        self._remarks = Remarks()

    def parse_inputs(self, words):
        return self._tensors(self._histories(words))

    def _tensors(self, histories):
        from apps.stock.cli import inputs

        config = self.config
        return inputs.tensors(histories, config.window, config.horizon)

    def format_outputs(self, words, outputs):
        yield from self._lines(words, self._histories(words), _rows(outputs))

    def predict(self, model, words):
        """Forecasts the days after each .csv file, or of the window test:3."""
        config, plot = self.config, self._plot(words)
        if not (plot or config.paths):
            yield from Interface.predict(self, model, words)
            return
        from apps.stock.cli import figures
        from common.evaluation import plots

        histories = self._histories(words)
        arguments = self._tensors(histories)
        outputs = dict(model.serve(**arguments))
        if config.paths:
            outputs |= model.paths(
                **arguments, count=config.paths, seed=config.seed
            )
        rows = _rows(outputs)
        yield from self._lines(words, histories, rows)
        if plot:
            figure = figures.fan_charts(histories, rows, config.target)
            plots.save(figure, plot)
            yield f"See {plot}"

    commands = {"predict": predict}

    def page(self):
        from apps.stock.data import columns
        from apps.stock.model import quantiles

        if self.config.covariates or self.config.known_covariates:
            return page.Page()  # Their unknown values are not in its tables.
        is_price = self.config.target == "price"
        prices = (*columns.ADJUSTED, *columns.PRICES)
        table = page.Table(
            name="history",
            label="Daily prices",
            columns={
                "prices": [prices],
                "bars": [*columns.BAR_NAMES.values()],
                "dates": [columns.DATES],
            },
            dates="dates",
            rows=self.config.window + 1,
            file_stem="ticker",
        )
        fan_chart = views.FanChart(
            history="prices" if is_price else "",
            dates="dates",
            quantiles="quantiles",
            levels=quantiles.LEVELS.tolist(),
            unit="" if is_price else "%",
        )
        return page.Page(inputs=[table], views=[fan_chart])

    def _plot(self, words):
        """Returns the path of the figure; None if there is none."""
        if not self.config.plot:
            return None
        from apps.stock.cli import figures
        from common.evaluation import plots

        if len(words) > figures.MAX_CHARTS:
            raise UsageError(
                f"--plot draws at most {figures.MAX_CHARTS} inputs, got "
                f"{len(words)}."
            )
        return plots.png_path("plot", self.config.plot)

    def _histories(self, words):
        """Returns the series that each word names."""
        histories = [self._history(word) for word in words]
        self._remarks.print()
        return histories

    def _history(self, word):
        from apps.stock.cli import inputs

        x = self.test_example(word)
        if x:
            return inputs.from_example(x)
        form = Form.of_options(self.config)
        window, horizon = self.config.window, self.config.horizon
        return inputs.from_file(word, window, horizon, form, self._remarks)

    def _lines(self, words, histories, rows):
        from apps.stock.cli import answers

        target = self.config.target
        for word, series, outputs in zip(words, histories, rows):
            if TEST_EXAMPLE.fullmatch(word):
                yield from answers.summary(word, series, outputs, target)
            else:
                yield from answers.daily(series, outputs, target)


def _rows(outputs):
    """Returns the outputs of each input as a dict of arrays."""
    arrays = {name: value.numpy() for name, value in outputs.items()}
    count = len(next(iter(arrays.values())))
    return [{n: a[i] for n, a in arrays.items()} for i in range(count)]
