"""The package `unroll`, which the wheel installs: alone, complete, the same.

What is fast checks the rewriting of modules; what is slow builds the wheel and
installs it in a fresh environment, next to foreign packages named `common` and
`apps`.
"""

import ast
import configparser
import dataclasses
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import venv
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parent.parent
MODULES = [
    path.relative_to(ROOT)
    for name in ("apps", "common")
    for path in sorted(ROOT.glob(f"{name}/**/*.py"))
]
TINY = ("--epochs=1", "--units=4")
TRAINS_A_LAYER = """
import sys
import keras
import numpy as np
from unroll import layers
import unroll.apps.sentiment.data

x = np.random.default_rng(0).normal(size=(64, 5, 3))
model = keras.Sequential([layers.LSTM(4), keras.layers.Dense(1)])
model.compile("adam", "mse")
losses = model.fit(x, x.sum((1, 2)), epochs=3, verbose=0).history["loss"]
assert losses[-1] < losses[0], losses
assert not {"apps", "common"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def setup():
    """Returns setup.py as a module."""
    spec = importlib.util.spec_from_file_location("setup", ROOT / "setup.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def commands():
    """Returns the console commands with their entry points."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    text = config["options.entry_points"]["console_scripts"]
    return dict(line.split(" = ") for line in text.split("\n") if line)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from common import layers", "from unroll import layers"),
        ("from apps import qa", "from unroll.apps import qa"),
        ("from common.a.b import c", "from unroll.a.b import c"),
        ("from apps.a import b as c", "from unroll.apps.a import b as c"),
        ("import common as c", "import unroll as c"),
        ("import common.a as b  # So.", "import unroll.a as b  # So."),
        ("import apps.a.b as c", "import unroll.apps.a.b as c"),
        ("from common.a import (\n  b,\n)", "from unroll.a import (\n  b,\n)"),
        (
            "def f():\n    from common import a\n\n    return a",
            "def f():\n    from unroll import a\n\n    return a",
        ),
        (
            "if TYPE_CHECKING:\n\tfrom apps.a import b",
            "if TYPE_CHECKING:\n\tfrom unroll.apps.a import b",
        ),
        (
            '"""A.\n\n>>> from common import a\n"""',
            '"""A.\n\n>>> from unroll import a\n"""',
        ),
        (
            '"""Write `from common import a`, run `python -m apps.a_b x`."""',
            '"""Write `from unroll import a`, run `unroll-a-b x`."""',
        ),
        (
            '"""Run `python -m common.a b`."""',
            '"""Run `python -m unroll.a b`."""',
        ),
        (
            'f"python -m apps.{name} train"',
            'f"python -m unroll.apps.{name} train"',
        ),
    ],
)
def test_imports_and_commands_are_rewritten(setup, source, expected):
    assert setup.rewrite(source) == expected
    assert setup.rewrite(expected) == expected


@pytest.mark.parametrize(
    "source",
    [
        "import commonly as c",
        "from commons.a import b",
        "from .common import a",
        "from . import apps",
        "from a.common import apps",
        "common = apps = 1  # As from common words.",
        '"""What they have\nin common. As all\nimport common things."""',
    ],
)
def test_all_else_stays(setup, source):
    assert setup.rewrite(source) == source


@pytest.mark.parametrize(
    "source",
    [
        "import common",
        "import common.a",
        "import sys, apps.a as b",
        "pass; from common import a",
        "from  common import a",
    ],
)
def test_an_import_that_it_cannot_rewrite_is_refused(setup, source):
    with pytest.raises(ValueError, match="line 2: `.*` cannot be installed"):
        setup.rewrite(f"\n{source}")


def test_no_module_imports_common_or_apps_when_installed(setup):
    for path in MODULES:
        tree = ast.parse(setup.rewrite((ROOT / path).read_text()))
        compile(tree, path, "exec")
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            roots = {name.split(".")[0] for name in names}
            assert not roots & {"apps", "common"}, path


def test_every_module_is_in_a_package(setup, monkeypatch):
    monkeypatch.chdir(ROOT)
    folders = {path.parent for path in MODULES}
    names = {installed_path(folder).replace("/", ".") for folder in folders}
    assert names == set(setup.packages())


def test_every_file_besides_modules_is_package_data():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    patterns = [
        f"{package.replace('.', '/')}/{pattern.strip()}"
        for package, listed in config["options.package_data"].items()
        for pattern in listed.split(",")
    ]
    files = [
        installed_path(path.relative_to(ROOT))
        for name in ("apps", "common")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc", ".md")
    ]
    assert "unroll/serving/static/index.html" in files
    for path in files:
        matches = [pathlib.PurePath(path).match(p) for p in patterns]
        assert any(matches), path


def test_every_app_has_a_console_command(commands):
    apps = [
        path.parts[1] for path in MODULES if path.match("apps/*/__main__.py")
    ]
    assert commands == {
        f"unroll-{app.replace('_', '-')}": f"unroll.apps.{app}.__main__:main"
        for app in apps
    }


def installed_path(path):
    """Returns where a file of the checkout is installed."""
    first, *rest = pathlib.Path(path).parts
    first = {"common": "unroll", "apps": "unroll/apps"}[first]
    return "/".join([first, *rest])


@dataclasses.dataclass
class Environment:
    """A fresh environment with the dependencies of this one."""

    folder: pathlib.Path

    @property
    def packages(self):
        return next(self.folder.glob("lib/python*/site-packages"))

    def run(self, program, *args, cwd=None):
        """Runs a program of the environment, away from the checkout."""
        return run(self.folder / "bin" / program, *args, cwd=cwd or self.folder)


def run(*command, cwd, code=0):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + (done.stderr if code else "")


def pip(*args, cwd, code=0):
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    return run(*pip, *args, cwd=cwd, code=code)


def build(source, folder):
    """Builds the wheel without an index: setuptools is that of the tests."""
    options = ("--no-deps", "--no-index", "--no-build-isolation")
    pip("wheel", *options, f"--wheel-dir={folder}", source, cwd=folder.parent)
    return next(folder.glob("*.whl"))


def names(wheel):
    """Returns the files that a wheel puts into packages."""
    with zipfile.ZipFile(wheel) as archive:
        listed = archive.namelist()
    return {name for name in listed if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Returns a copy of the checkout in which builds may leave files."""
    folder = tmp_path_factory.mktemp("build") / "checkout"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    for name in ("apps", "common"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    return folder


@pytest.fixture(scope="module")
def wheel(checkout):
    """Returns the wheel, built of the source distribution."""
    folder = checkout.parent / "sdist"
    code = "import sys; from setuptools import build_meta as backend; "
    code += "backend.build_sdist(sys.argv[1])"
    run(sys.executable, "-c", code, folder, cwd=checkout)
    return build(next(folder.glob("*.tar.gz")), checkout.parent / "wheel")


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Returns an environment with the wheel and two foreign packages."""
    environment = Environment(tmp_path_factory.mktemp("environment"))
    venv.create(environment.folder)
    shared = [path for path in sys.path if path.endswith("-packages")]
    path = environment.packages / "shared.pth"
    path.write_text("".join(f"{line}\n" for line in shared))
    for name in ("common", "apps"):
        folder = environment.packages / name
        folder.mkdir()
        (folder / "__init__.py").write_text("raise ImportError('foreign')\n")
    python = environment.folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    options = ("--no-deps", "--no-index", "--disable-pip-version-check")
    run(*pip, "install", *options, wheel, cwd=environment.folder)
    return environment


@pytest.mark.slow
def test_the_wheel_holds_every_file_but_the_readmes(checkout, wheel):
    files = {
        installed_path(path.relative_to(checkout))
        for name in ("apps", "common")
        for path in (checkout / name).rglob("*")
        if path.is_file() and path.suffix != ".md"
    }
    assert names(wheel) == files


@pytest.mark.slow
def test_nothing_of_an_earlier_build_is_in_the_wheel(checkout, wheel):
    for stale in ("common/old.py", "unroll/old.py"):
        path = checkout / "build" / "lib" / stale
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert names(build(checkout, checkout.parent / "again")) == names(wheel)


@pytest.mark.slow
def test_an_editable_install_is_refused_with_a_remedy(checkout):
    options = ("--no-deps", "--no-index", "--no-build-isolation")
    target = f"--target={checkout.parent / 'target'}"
    command = ("install", *options, target, "--editable", checkout)
    output = pip(*command, cwd=checkout.parent, code=1)
    assert "Unroll has no editable install. In the checkout, run" in output


@pytest.mark.slow
def test_foreign_packages_are_left_alone(installed):
    for name in ("common", "apps"):
        (path,) = (installed.packages / name).iterdir()
        assert path.read_text() == "raise ImportError('foreign')\n"
    added = {path.name.split("-")[0] for path in installed.packages.iterdir()}
    assert added == {"common", "apps", "shared.pth", "unroll", "unroll_rnn"}


@pytest.mark.slow
def test_a_layer_of_the_installed_package_trains(installed):
    installed.run("python", "-c", TRAINS_A_LAYER)


@pytest.mark.slow
def test_help_shows_the_installed_command(installed, commands):
    for command in commands:
        page = installed.run(command, "--help")
        assert f"\n{command}" in page
        assert "python -m apps" not in page


@pytest.mark.slow
def test_a_command_runs_a_recipe(installed, tmp_path):
    options = ("--flagfile=sample.flags", "--run_dir=run", *TINY)
    installed.run("unroll-sentiment", "train", *options, cwd=tmp_path)
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["dataset"], config["units"]) == ("sample", 4)
    assert (tmp_path / "run" / "model.keras").exists()


@pytest.mark.slow
def test_a_model_of_the_checkout_answers_the_same_installed(
    installed, tmp_path
):
    run_dir = f"--run_dir={tmp_path / 'run'}"
    app = (sys.executable, "-m", "apps.sentiment")
    run(*app, "train", run_dir, *TINY, cwd=ROOT)
    words = ("predict", run_dir, "It was not without charm.", "A dull film.")
    here = run(*app, *words, cwd=ROOT)
    assert installed.run("unroll-sentiment", *words) == here
    assert here.count("\n") == 2
