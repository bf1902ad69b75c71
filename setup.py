"""Builds the package `unroll` of what the checkout calls `common` and `apps`.

`common/x.py` becomes `unroll/x.py`, `apps/x/` becomes `unroll/apps/x/`; imports
and the commands in help pages are rewritten on the way. setup.cfg has the rest.
"""

import ast
import pathlib
import re
import shutil

import setuptools
from setuptools.command import build_py
from setuptools.command import editable_wheel
from setuptools.errors import SetupError

NAMES = {"common": "unroll", "apps": "unroll.apps"}
# Also in docstrings: in their examples and between backticks.
IMPORT = re.compile(
    r"((?:^[ \t]*(?:>>> |\.\.\. )?|`)(?:from|import) )(apps|common)"
    r"(?=(?:\.\w+)* (?:import|as)\b)",
    re.MULTILINE,
)
COMMAND = re.compile(r"python -m apps\.(\w*)")
SHARED_COMMAND = re.compile(r"python -m common\.")


def rewrite(source: str) -> str:
    """Returns the source code of a module as it is installed.

    Raises:
      ValueError: an import is written in a way that is not supported.
    """
    source = IMPORT.sub(lambda match: match[1] + NAMES[match[2]], source)
    source = COMMAND.sub(_command, source)
    source = SHARED_COMMAND.sub("python -m unroll.", source)
    for node in ast.walk(ast.parse(source)):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module]
        if any(module.split(".")[0] in NAMES for module in modules):
            raise ValueError(
                f"line {node.lineno}: `{ast.unparse(node)}` cannot be "
                "installed. Write `from PACKAGE import MODULE`, on a line of "
                "its own."
            )
    return source


def _command(match):
    if match[1]:
        return f"unroll-{match[1].replace('_', '-')}"
    return "python -m unroll.apps."  # A placeholder follows.


class BuildPy(build_py.build_py):
    """Copies the modules under their new names and rewrites them."""

    def run(self):
        """Starts from an empty folder: no module of an earlier build stays."""
        shutil.rmtree("build/lib", ignore_errors=True)
        super().run()

    def build_module(self, module, module_file, package):
        """Copies one module, then rewrites the copy."""
        result = super().build_module(module, module_file, package)
        copy = pathlib.Path(result[0])
        try:
            source = rewrite(copy.read_text(encoding="utf-8"))
        except ValueError as error:
            raise SetupError(f"{module_file}: {error}") from error
        copy.write_text(source, encoding="utf-8")
        return result


class EditableWheel(editable_wheel.editable_wheel):
    """Refuses: imports are rewritten in a copy, never in the checkout."""

    def run(self):
        """Names what to do instead."""
        raise SetupError(
            "Unroll has no editable install. In the checkout, run `python -m "
            "apps.<app>`; to install a copy, run `pip install .`"
        )


def packages() -> list[str]:
    """Returns the names of all packages as they are installed."""
    return [
        NAMES[name] + package.removeprefix(name)
        for name in NAMES
        for package in setuptools.find_packages(include=[name, f"{name}.*"])
    ]


if __name__ == "__main__":
    setuptools.setup(
        packages=packages(),
        package_dir={new: old for old, new in NAMES.items()},
        cmdclass={"build_py": BuildPy, "editable_wheel": EditableWheel},
    )
