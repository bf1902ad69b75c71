"""The model card that travels with a SavedModel."""

import dataclasses
import inspect
import re
import shlex

import tensorflow as tf

from common import config as config_lib
from common import interface
from common.app import App
from common.app_model import AppModel
from common.data import splits
from common.evaluation.report import Report
from common.export import front_matter
from common.export.network_report import NetworkReport
from common.training import more_epochs
from common.training import run_start


def write(
    app: App,
    model: AppModel,
    report: Report | None,
    networks: NetworkReport | None = None,
) -> str:
    """Returns the card, in Markdown.

    Args:
      app: The task, its data set and its limitations.
      model: The trained model.
      report: Its evaluation; None if there is none.
      networks: The report of the networks that are exported; None for a
        SavedModel.

    Reference: Mitchell et al., Model Cards for Model Reporting, 2019.
    """
    return "\n".join(
        [
            *front_matter.lines(app, report),
            "",
            f"# {app.name}",
            "",
            inspect.getdoc(type(app)) or "",
            "",
            "## Data",
            "",
            *_data(app, report),
            "",
            "## Training",
            "",
            *_training(app, model, report),
            "",
            "## Scores",
            "",
            *_scores(report),
            "",
            "## Use",
            "",
            *(networks.card_lines() if networks else _use(app, model)),
            "",
            "## Limitations",
            "",
            app.limitations,
            "",
        ]
    )


def _data(app, report):
    files = {split: app.config.source(split) for split in splits.HELD_OUT}
    named = "".join(
        f"; {split} split: {_code(file)}"
        for split, file in files.items()
        if file != app.config.dataset
    )
    yield f"Data set: {_code(app.config.dataset)}{named}."
    yield f"Source and license: {app.dataset.license}"
    start = run_start.read_record(app.run_dir)
    if start:
        data = _code(start["trained_on"])
        yield f"The weights come from a run on {data}; its license holds, too."
    if report:
        yield ""
        yield f"SHA-256 of the training examples: `{report.train_sha256}`."


def _training(app, model, report):
    yield f"    {command(app)}"
    yield ""
    yield from _history(app)
    yield f"- seed: {app.config.seed}"
    yield f"- parameters: {model.count_params():,}"
    decoding = _flags(config_lib.answer_options(app.config))
    yield f"- decoding: {_code(decoding)}"
    if report:
        yield f"- minutes: {report.seconds['train'] / 60:.1f}"


def _history(app):
    """Yields what came before the training that the command describes."""
    start = run_start.read_record(app.run_dir)
    if start:
        yield (
            f"- start: the run {_code(start['run'])}, trained on "
            f"{_code(start['trained_on'])}; SHA-256 of its model: "
            f"`{start['sha256']}`"
        )
    epochs = more_epochs.trained(app.run_dir, app.config.epochs)
    if len(epochs) > 1:
        yield (
            f"- epochs: {', then '.join(map(str, epochs))}; a finished run was "
            "continued, and the command above alone trains another model"
        )


def command(app: App) -> str:
    """Returns the command line that trains this model."""
    values = {
        field.name: getattr(app.config, field.name)
        for field in dataclasses.fields(app.config)
        if field.metadata["affects"] == "training"
        and getattr(app.config, field.name) != field.default
    }
    if app.config.train_file:
        del values["dataset"]
    return f"python -m apps.{app.name} train {_flags(values)}".rstrip()


def _flags(values):
    """Formats options for the command line of a shell, on one line."""
    words = (
        f"--{'' if value else 'no'}{name}"
        if isinstance(value, bool)
        else f"--{name}={value}"
        for name, value in values.items()
    )
    return interface.one_line(shlex.join(words))


def _code(text):
    """Returns a text as code of Markdown, which shows it as it is."""
    text = interface.one_line(text)
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * (1 + max(runs, default=0))
    space = " " if runs else ""
    return f"{fence}{space}{text}{space}{fence}"


def _scores(report):
    if not report:
        return ["Not evaluated with the options of this export."]
    lines = report.table().split("\n")
    return [f"    {interface.one_line(line)}" for line in lines]


def _use(app, model):
    yield "```python"
    yield "import tensorflow as tf"
    yield ""
    yield 'model = tf.saved_model.load("PATH/OF/THIS/VERSION")'
    yield 'answer = model.signatures["serving_default"]'
    values = app.interface.parse_inputs(app.example_inputs[:1])
    arguments = ", ".join(
        f"{name}={_literal(value)}" for name, value in values.items()
    )
    yield f"print(answer({arguments}))"
    yield "```"
    yield ""
    serve = model.serve.get_concrete_function()
    inputs = serve.inputs[: len(values)]
    for name, spec in zip(values, inputs, strict=True):
        yield f"- input `{name}`: {spec.dtype.name} {spec.shape}"
    for name, spec in serve.structured_outputs.items():
        yield f"- output `{name}`: {spec.dtype.name} {spec.shape}"
    for signature, function in model.signatures().items():
        inputs = [spec.name for spec in function.input_signature]
        outputs = function.get_concrete_function().structured_outputs
        yield (
            f"- signature `{signature}`: {', '.join(inputs)} -> "
            f"{', '.join(outputs)}"
        )


def _literal(value):
    if value.dtype == tf.string:
        try:
            value = _decoded(value.numpy().tolist())
        except UnicodeDecodeError:  # A file, such as a picture: too long here.
            return "[tf.io.encode_png(tf.zeros([64, 64, 3], tf.uint8))]"
    else:
        numbers = repr(value.numpy().tolist()).replace("nan", "float('nan')")
        return f"tf.constant({numbers})"
    return f"tf.constant({value!r})"


def _decoded(texts):
    """Returns strings for bytes, in lists within lists."""
    if isinstance(texts, list):
        return [_decoded(text) for text in texts]
    return texts.decode()
