"""The edits of `make test-mutations` are up to date."""

import ast
import pathlib

import pytest

from tests.mutation_list import MUTATIONS

ROOT = pathlib.Path(__file__).parent.parent


def test_there_are_forty_different_edits():
    assert len({(m.file, m.old, m.new) for m in MUTATIONS}) == 40


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.file)
def test_the_edit_of_a_mutation_is_possible(mutation):
    text = (ROOT / mutation.file).read_text()
    assert text.count(mutation.old) == 1
    ast.parse(text.replace(mutation.old, mutation.new))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.test)
def test_the_test_of_a_mutation_exists_and_is_quick(mutation):
    tree = ast.parse((ROOT / "tests" / mutation.test_file).read_text())
    (function,) = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name == mutation.test
    ]
    marks = map(ast.unparse, function.decorator_list)
    elsewhere = {f"pytest.mark.{n}" for n in ("extended", "slow", "real_data")}
    assert not elsewhere & set(marks)
