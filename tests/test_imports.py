"""Which files may import which; CONTRIBUTING.md says why."""

import ast
import functools
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
# What each room of an app may import of the project; `own.` is its app. A room
# is a module or a package. Everything that is not listed is forbidden.
ROOMS = {
    "config": (
        "common.config",
        "common.errors",
        "common.generation.options",
        "common.options",
    ),
    "data": (
        "own.data",
        "common.audio",
        "common.data",
        "common.errors",
        "common.files",
        "common.images",
        "common.text",
        "common.video",
    ),
    "model": (
        "own.model",
        "common.app_model",
        "common.audio",
        "common.data",
        "common.errors",
        "common.evaluation.metrics",
        "common.export.networks",
        "common.files",
        "common.generation",
        "common.images",
        "common.layers",
        "common.text",
        "common.training.optimizers",
        "common.video",
    ),
    "baselines": (
        "own.baselines",
        "own.data",
        "own.model",
        "common.audio",
        "common.data",
        "common.errors",
        "common.evaluation",
        "common.text",
    ),
    "evaluation": (
        "own.baselines",
        "own.data",
        "own.evaluation",
        "own.model",
        "common.app",
        "common.app_model",
        "common.data",
        "common.errors",
        "common.evaluation",
        "common.files",
        "common.generation",
        "common.text",
        "common.training",
        "common.video",
    ),
    "cli": (
        "own.baselines",
        "own.cli",
        "own.data",
        "own.evaluation",
        "own.model",
        "common.audio",
        "common.data",
        "common.errors",
        "common.evaluation",
        "common.file_interface",
        "common.files",
        "common.images",
        "common.interface",
        "common.page",
        "common.text",
        "common.video",
    ),
    "__main__": ("own", "common.runner"),
    "__init__": (
        *("own.config", "own.data", "own.model", "own.evaluation", "own.cli"),
        "common.app",
        "common.training",
    ),
}
# Apps whose runs another one starts from, which uses them as programs in Python
# do: by their public class.
STARTS = {"sentiment": ("apps.language_model.LanguageModel",)}
# The same for the packages of common; they know nothing of the apps.
PACKAGES = {
    "common/layers": ("common.layers",),
    "common/text": ("common.errors", "common.text"),
    "common/images": ("common.errors", "common.images"),
    "common/audio": (
        "common.audio",
        "common.errors",
        "common.images.binary",
    ),
    "common/video": (
        "common.app_model",
        "common.data.folders",
        "common.errors",
        "common.file_interface",
        "common.files",
        "common.images",
        "common.interface",
        "common.video",
    ),
    "common/generation": (
        "common.config",
        "common.errors",
        "common.export.networks",
        "common.generation",
        "common.layers",
        "common.options",
        "common.text",
    ),
    # It serves the SavedModels of any program: no app, no layer, no data.
    "common/serving": (
        "common.command_line",
        "common.config",
        "common.errors",
        "common.export.versions",
        "common.files",
        "common.serving",
        "common.training.signals",
    ),
    "common/evaluation/metrics": ("common.errors", "common.evaluation.metrics"),
    "common": ("common",),
}


@functools.cache  # Each file is in several checks.
def imports(path):
    """Returns the modules and the members that a file imports."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def below(name, packages):
    return any(name == p or name.startswith(f"{p}.") for p in packages)


def forbidden(path, allowed):
    """Returns the imports of the project that a file may not have."""
    return [
        name
        for name in imports(path)
        if below(name, ("apps", "common")) and not below(name, allowed)
    ]


def room(path):
    """Returns the app and the room of a file."""
    app, *parts = path.relative_to(ROOT / "apps").with_suffix("").parts
    return app, parts[0]


@pytest.mark.parametrize("app", sorted(ROOT.glob("apps/*/__main__.py")))
def test_every_app_has_the_same_rooms(app):
    names = {
        path.stem
        for path in app.parent.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert names == set(ROOMS)
    assert (app.parent / "README.md").exists()
    assert list(app.parent.glob("recipes/*.flags"))


@pytest.mark.parametrize("name", ROOMS)
def test_rooms_import_only_what_they_may(name):
    paths = [
        path for path in ROOT.glob("apps/*/**/*.py") if room(path)[1] == name
    ]
    assert paths
    for path in paths:
        own = f"apps.{room(path)[0]}"
        allowed = [rule.replace("own", own, 1) for rule in ROOMS[name]]
        if name == "__init__":
            allowed += STARTS.get(room(path)[0], ())
        assert not forbidden(path, allowed), path


def test_every_file_of_the_apps_is_in_a_room():
    for path in ROOT.glob("apps/*/**/*.py"):
        assert room(path)[1] in ROOMS, path


@pytest.mark.parametrize("folder", PACKAGES)
def test_packages_of_common_import_only_what_they_may(folder):
    paths = list((ROOT / folder).glob("**/*.py"))
    assert paths
    for path in paths:
        assert not forbidden(path, PACKAGES[folder]), path


def test_common_has_at_most_ten_modules_at_its_top():
    assert len(list((ROOT / "common").glob("*.py"))) <= 10


def test_only_one_module_reads_flags():
    for folder in ("apps", "common"):
        for path in ROOT.glob(f"{folder}/**/*.py"):
            if path != ROOT / "common/command_line/flags.py":
                assert "absl.flags" not in imports(path), path


def test_nothing_that_runs_foreign_code_is_turned_on():
    dangers = r"pickle|safe_mode|unsafe|extractall|verify *= *False|\beval\("
    for folder in ("apps", "common", "benchmarks"):
        for path in ROOT.glob(f"{folder}/**/*.py"):
            assert not re.search(dangers, path.read_text()), path


def test_help_needs_no_tensorflow():
    pages = [
        f"apps.{path.parent.name}"
        for path in sorted(ROOT.glob("apps/*/__main__.py"))
    ]
    code = (
        "import importlib, inspect, sys\n"
        "from common import app, runner\n"
        f"for name in {pages}:\n"
        "    page = importlib.import_module(name)\n"
        "    for _, value in inspect.getmembers(page, inspect.isclass):\n"
        "        if issubclass(value, app.App) and value is not app.App:\n"
        "            assert runner.help_page(value)\n"
        "    loaded = {'tensorflow', 'keras', 'numpy'} & set(sys.modules)\n"
        "    assert not loaded, (name, loaded)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_server_and_its_packages_are_imported_by_serve_alone():
    for path in ROOT.glob("common/**/*.py"):
        if "serving" not in path.parts and path.name != "runner.py":
            servers = [n for n in imports(path) if below(n, ["common.serving"])]
            assert not servers, path
    code = (
        "import sys\n"
        "from common import runner\n"
        "from common.serving import options\n"
        "loaded = {'starlette', 'uvicorn', 'grpc'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_saved_classes_have_different_names():
    """Keras finds them by name: an app would load the model of another one."""
    marker = '@keras.saving.register_keras_serializable("unroll")\nclass '
    names = [
        re.match(r"\w+", part)[0]
        for path in [*ROOT.glob("apps/**/*.py"), *ROOT.glob("common/**/*.py")]
        for part in path.read_text().split(marker)[1:]
    ]
    assert len(names) > 20
    assert sorted(names) == sorted(set(names))
