"""Exports for runtimes without TensorFlow: networks, and files beside them."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import pathlib
from types import ModuleType

from common import files
from common.app import App
from common.errors import UserError
from common.export import comparison
from common.export import litert
from common.export import onnx
from common.export import versions
from common.export.answering_networks import AnsweringNetworks
from common.export.network_report import NetworkReport
from common.export.networks import PortableModel

FORMATS: dict[str, ModuleType] = {"litert": litert, "onnx": onnx}


@dataclasses.dataclass(frozen=True)
class NetworkFiles:
    """The networks of a model in another format, compared with TensorFlow.

    Attributes:
      networks: Contents of the network files by file name.
      files: Texts of the JSON files beside them by file name.
      report: The comparison, sizes and versions.
    """

    networks: dict[str, bytes]
    files: dict[str, str]
    report: NetworkReport

    def publish(
        self, folder: pathlib.Path, documents: dict[str, str]
    ) -> pathlib.Path:
        """Writes all files and documents as the next version in a folder.

        Args:
          folder: Folder of the versions 1, 2, ...
          documents: Texts of further files by file name.

        Returns:
          The folder of the new version.
        """

        def write(version):
            version.mkdir()
            for name, content in self.networks.items():
                (version / name).write_bytes(content)
            for name, text in {**self.files, **documents}.items():
                (version / name).write_text(text, encoding="utf-8")

        return versions.publish(folder, write)


def convert(app: App) -> NetworkFiles:
    """Returns the networks of an app's model in the format of its config.

    Raises:
      UserError: A package is absent, the format lacks an operation, or a logit
        differs too much.
    """
    config = app.config
    kind = FORMATS[config.format]
    packages = _installed(config.format, kind.PACKAGES)
    networks = _networks_of(app)
    contents = {
        name: kind.convert(network, config.int8)
        for name, network in networks.parts.items()
    }
    functions = {name: kind.load(content) for name, content in contents.items()}
    compared = comparison.compare(networks, functions, app.examples("test"))
    if not config.int8:
        compared.require_equal()
    contents = {f"{n}{kind.ENDING}": value for n, value in contents.items()}
    report = NetworkReport(
        format=config.format,
        int8=config.int8,
        packages=packages,
        bytes={name: len(content) for name, content in contents.items()},
        comparison=compared,
        scores=_scores(app, networks, functions) if config.int8 else {},
    )
    texts = {f"{n}.json": files.json_text(v) for n, v in networks.files.items()}
    texts["report.json"] = files.json_text(report.to_json())
    return NetworkFiles(contents, texts, report)


def _networks_of(app):
    if not isinstance(app.model, PortableModel):
        raise UserError(
            f"--format={app.config.format}: the model of {app.name}, a "
            f"{type(app.model).__name__}, has no networks for other runtimes: "
            "use --format=saved_model; the runs of an ensemble can be exported "
            "one by one."
        )
    return app.model.networks()


def _scores(app, networks, functions):
    """Returns the test metrics of the model and of its 8-bit networks.

    Raises:
      UserError: The evaluation needs more than the answers of networks.
    """
    if networks.answer is None:
        raise UserError(
            f"--int8: the score of {app.name} cannot be computed with exported "
            "networks alone, and 8-bit weights are not exported without one: "
            "leave --int8 out."
        )
    run = comparison.Runner(networks, functions)
    answered = AnsweringNetworks(networks.answer, run)
    evaluation, examples = app.evaluation, app.examples("test")
    return {
        name: evaluation.measure(
            evaluation.per_example(*evaluation.predict(model, examples))
        )
        for name, model in (("float", app.model), ("int8", answered))
    }


def _installed(format_name, packages):
    """Returns the versions of packages by name.

    Raises:
      UserError: One is absent.
    """
    try:
        return {name: importlib.metadata.version(name) for name in packages}
    except importlib.metadata.PackageNotFoundError as error:
        raise UserError(
            f"--format={format_name} needs the package {error.name}, which is "
            f"absent: run `pip install 'unroll-rnn[{format_name}]'` (the extra "
            f"`{format_name}`)."
        ) from error
