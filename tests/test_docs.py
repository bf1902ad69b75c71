"""Links lead somewhere, and commands in the documentation are accepted."""

import importlib
import itertools
import pathlib
import re
import shlex

import pytest

from common import runner
from common.app import App
from common.command_line import flags
from common.command_line import recipes
from common.errors import UsageError
from common.serving.options import Options

ROOT = pathlib.Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "benchmarks/README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("apps/*/README.md")),
]
EXAMPLE_APP = "brackets"  # Of add_an_app.md; test_add_an_app.py runs it.
FENCED_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# To the end of the line, which a backslash continues, or of the inline code.
COMMAND = re.compile(r"\bpython -m apps\.(\w+)((?:\\\n|[^`\n])*)")
BENCHMARK = re.compile(r"\bpython -m benchmarks\.(\w+)")


def relative(path):
    return str(path.relative_to(ROOT))


def prose(page):
    return FENCED_CODE.sub("", page.read_text())


def anchors(page):
    """Returns the anchors of the headings of a page, as GitHub makes them."""
    titles = [title.strip().lower() for title in HEADING.findall(prose(page))]
    return {re.sub(r"[^\w -]", "", t).replace(" ", "-") for t in titles}


def is_broken(page, target):
    """Returns whether a relative link of a page leads nowhere."""
    if re.match(r"https?://|mailto:", target):
        return False
    name, _, anchor = target.partition("#")
    path = page.parent / name if name else page
    return not path.exists() or bool(anchor and anchor not in anchors(path))


def app_class(name):
    page = importlib.import_module(f"apps.{name}")
    return next(
        value
        for value in vars(page).values()
        if isinstance(value, type) and issubclass(value, App) and value != App
    )


def problem(app, arguments):
    """Returns why a command would be refused, or None."""
    folder = ROOT / "apps" / app
    if not folder.exists():
        return "no such app"
    words = shlex.split(arguments.replace("\\\n", " "), comments=True)
    # What follows these is for the shell.
    words = itertools.takewhile(lambda word: word not in ("<", ">", "|"), words)
    try:
        words = recipes.with_recipes([app, *words], folder / "recipes")
        if not (folder / "config.py").exists():
            return None  # An app without rooms; tests/test_imports.py fails.
        declared = app_class(app)
        if words[1:2] == ["serve"]:
            flags.parse(Options, words)
            return None
        words, _ = flags.parse(declared.Config, words)
    except UsageError as error:
        return str(error)
    commands = [*runner.COMMANDS, *declared.interface_class().commands]
    if words and words[0] not in commands:
        return f"no command {words[0]!r}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_to_a_file_and_a_heading(page):
    targets = LINK.findall(prose(page))
    assert not [target for target in targets if is_broken(page, target)]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_commands_are_accepted(page):
    commands = COMMAND.findall(page.read_text())
    problems = {
        f"{a}{b}": problem(a, b) for a, b in commands if a != EXAMPLE_APP
    }
    assert not {c: why for c, why in problems.items() if why}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_benchmarks_exist(page):
    for name in BENCHMARK.findall(page.read_text()):
        assert (ROOT / "benchmarks" / f"{name}.py").exists(), name


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_a_wrong_command_or_link_is_noticed():
    fine = ' predict --flagfile="imdb.flags" "Dull." | head  # A comment.'
    assert problem("sentiment", fine) is None
    assert "epoch" in problem("sentiment", " train --epoch_count=3")
    assert "none.flags" in problem("sentiment", " --flagfile=none.flags")
    assert problem("sentiment", " learn") == "no command 'learn'"
    assert problem("sentiment", " serve --port=80") is None
    assert "epochs" in problem("sentiment", " serve --epochs=3")
    assert problem("nobody", "") == "no such app"
    assert is_broken(ROOT / "README.md", "docs/none.md")
    assert is_broken(ROOT / "README.md", "docs/installation.md#none")
