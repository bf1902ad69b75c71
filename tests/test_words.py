"""Names and sentences are plain technical English; see docs/glossary.md."""

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
# Names that say nothing of the value they hold.
BANNED_NAMES = {
    *("asked", "both", "found", "others", "said", "shown", "some", "told"),
    *("_asked", "_found", "_own", "_said", "_shown", "_told"),
}
# Phrases, each with what to write in its place.
BANNED_PHRASES = {
    r"\bas of `": "see `...`",
    r"\banew\b": "again",
    r"\bmend(ed|ing|s)?\b": "fix",
    r"\bso many\b": "the number",
    r"\bis no (text|number|file|JSON)\b": "is not a ...",
    r"\bno number to reckon with\b": "must be finite",
    r"\"\"\"Returns (what|how|whether what)\b": "Returns the ...",
    r"\bgo(es)? on (from|with|where)\b": "resume, continue",
    r"\b([Ll]icence|[Cc]olour|[Ff]avour|[Nn]eighbour|[Bb]ehaviour)": "-se, -or",
    r"\b(normalis|maximis|regularis|initialis|recognis|summaris|optimis)": (
        "-iz-"
    ),
    r"\bshall\b": "must, will",
    r"\bupon\b": "on",
    r"\bthat he or she\b|\bwho(ever)? is asked\b": "the user",
}
CODE = [
    path
    for folder in ("apps", "common", "benchmarks", "tests", "docs")
    for path in sorted((ROOT / folder).glob("**/*.py"))
    if path != pathlib.Path(__file__)
]
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("apps/*/README.md")),
    ROOT / "benchmarks/README.md",
]


def relative(path):
    return str(path.relative_to(ROOT))


def assigned_names(tree):
    """Yields the names that code binds: variables, arguments, functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_names_say_what_the_value_is(path):
    tree = ast.parse(path.read_text())
    banned = [
        (n, line) for n, line in assigned_names(tree) if n in BANNED_NAMES
    ]
    assert not banned


@pytest.mark.parametrize("path", [*CODE, *PAGES], ids=relative)
def test_sentences_are_plain_english(path):
    text = path.read_text()
    problems = [
        f"line {text[: match.start()].count(chr(10)) + 1}: {match[0]!r}, "
        f"write {remedy!r}"
        for phrase, remedy in BANNED_PHRASES.items()
        for match in re.finditer(phrase, text)
    ]
    assert not problems
