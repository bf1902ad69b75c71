"""Public functions of common have type hints, which mypy checks."""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parent.parent
# Layers are documented at their class, in the manner of Keras.
MODULES = [
    path
    for path in sorted((ROOT / "common").glob("**/*.py"))
    if "layers" not in path.parts
]
KERAS = {"call", "build", "get_config", "from_config", "compute_output_shape"}


def public_functions(tree):
    """Yields functions of modules and methods of plain classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (n for n in node.body if isinstance(n, ast.FunctionDef))


def is_complete(function):
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return function.returns is not None and all(
        argument.annotation or argument.arg in ("self", "cls")
        for argument in named
    )


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(ROOT))
)
def test_public_functions_have_type_hints(path):
    tree = ast.parse(path.read_text())
    missing = [
        function.name
        for function in public_functions(tree)
        if not function.name.startswith("_")
        and function.name not in KERAS
        and not is_complete(function)
    ]
    assert not missing
