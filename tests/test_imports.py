"""Who may import whom; CONTRIBUTING.md says why."""

import ast
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parent.parent
ALLOWED = {  # Which modules of the project each file may import.
    "apps/*/__main__.py": ("apps.{app}", "common"),
    "apps/*/data.py": (
        "apps.{app}",
        "common.archives",
        "common.bad_records",
        "common.data",
        "common.downloads",
        "common.errors",
        "common.images",
        "common.text",
    ),
    "apps/*/model.py": (
        "apps.{app}",
        "common.app_model",
        "common.beam_search",
        "common.layers",
        "common.byte_tokenizer",
        "common.subwords",
        "common.text",
        "common.decoding",
        "common.downloads",
        "common.errors",
        "common.feature_cache",
        "common.images",
        "common.losses",
        "common.scheduled_sampling",
        "common.writer",
    ),
    "common/**/*.py": ("common",),
    "common/layers/**/*.py": ("common.layers",),
    "common/text.py": ("common.errors",),
    "common/metrics.py": ("common.errors",),
    "common/comparison.py": ("common.errors",),
    "common/data.py": ("common.errors",),
    "common/archives.py": ("common.errors",),
    "common/downloads.py": ("common.errors",),
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name, packages):
    return any(name == p or name.startswith(f"{p}.") for p in packages)


@pytest.mark.parametrize("pattern", ALLOWED)
def test_files_import_only_what_their_place_allows(pattern):
    paths = list(ROOT.glob(pattern))
    assert paths
    for path in paths:
        allowed = [p.format(app=path.parent.name) for p in ALLOWED[pattern]]
        for name in imports(path):
            if below(name, ("apps", "common")):
                assert below(name, allowed), f"{path} imports {name}"


def test_a_model_does_not_know_its_data():
    for path in ROOT.glob("apps/*/model.py"):
        siblings = [
            f"apps.{path.parent.name}.{n}" for n in ("data", "__main__")
        ]
        assert not any(below(name, siblings) for name in imports(path)), path


def test_an_app_imports_no_other_app():
    for path in ROOT.glob("apps/*/*.py"):
        for name in imports(path):
            if below(name, ["apps"]):
                assert below(name, [f"apps.{path.parent.name}"]), path


def test_only_config_reads_flags():
    for folder in ("apps", "common"):
        for path in ROOT.glob(f"{folder}/**/*.py"):
            if path != ROOT / "common/config.py":
                assert "absl.flags" not in set(imports(path)), path


def test_nothing_that_runs_foreign_code_is_turned_on():
    dangers = r"pickle|safe_mode|unsafe|extractall|verify *= *False|\beval\("
    for folder in ("apps", "common", "benchmarks"):
        for path in ROOT.glob(f"{folder}/**/*.py"):
            assert not re.search(dangers, path.read_text()), path


def apps():
    return sorted(path.parent.name for path in ROOT.glob("apps/*/__main__.py"))


@pytest.mark.parametrize("app", apps())
def test_the_front_page_needs_no_tensorflow(app):
    code = (
        f"import sys, apps.{app}.__main__; "
        "assert not {'tensorflow', 'keras', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
