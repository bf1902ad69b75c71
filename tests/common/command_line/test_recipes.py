"""Flag files: by path, by name, one within the other."""

import importlib
import inspect
import pathlib
import pkgutil

import pytest

import apps
from common.app import App
from common.command_line import flags
from common.command_line import recipes
from common.errors import UsageError


def app_classes():
    for module in pkgutil.iter_modules(apps.__path__):
        page = importlib.import_module(f"apps.{module.name}")
        for _, value in inspect.getmembers(page, inspect.isclass):
            if issubclass(value, App) and value.__module__ == page.__name__:
                yield value


RECIPES = [
    pytest.param(app_class, path.name, id=f"{app_class.name}-{path.stem}")
    for app_class in app_classes()
    for path in sorted(recipes.folder_of(app_class).glob("*.flags"))
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Returns a folder of recipes; the current folder is another."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "base.flags").write_text("# A comment.\n\n--a=1\n --b=2 \n")
    (folder / "more.flags").write_text("--flagfile=base.flags\n//No.\n--b=3\n")
    return folder


@pytest.mark.parametrize("option", ["--flagfile=", "-flagfile=", "--flagfile "])
def test_a_recipe_is_found_by_name_from_any_folder(folder, option):
    argv = ["x", "train", *f"{option}base.flags".split(), "--a=9"]
    expected = ["x", "train", "--a=1", "--b=2", "--a=9"]
    assert recipes.with_recipes(argv, folder) == expected


def test_a_recipe_names_another(folder):
    argv = recipes.with_recipes(["--flagfile=more.flags"], folder)
    assert argv == ["--a=1", "--b=2", "--b=3"]


def test_a_file_in_the_current_folder_precedes_a_recipe(folder):
    pathlib.Path("base.flags").write_text("--a=mine\n")
    argv = recipes.with_recipes(["--flagfile=base.flags"], folder)
    assert argv == ["--a=mine"]


def test_the_current_folder_does_not_change_a_recipe(folder):
    pathlib.Path("base.flags").write_text("--a=mine\n")
    argv = recipes.with_recipes(["--flagfile=more.flags"], folder)
    assert argv == ["--a=1", "--b=2", "--b=3"]


def test_a_file_names_its_neighbor_a_recipe_or_a_path(folder):
    other = folder.parent / "other"
    other.mkdir()
    (other / "mine.flags").write_text(
        "--flagfile=near.flags\n--flagfile=base.flags\n--flagfile=here.flags\n"
    )
    (other / "near.flags").write_text("--near\n")
    pathlib.Path("here.flags").write_text("--here\n")
    argv = recipes.with_recipes([f"--flagfile={other}/mine.flags"], folder)
    assert argv == ["--near", "--a=1", "--b=2", "--here"]


def test_words_stay_as_they_are(folder):
    argv = ["x", "predict", "flagfile=base.flags", "--flagfiles=base.flags"]
    argv += ["--", "--flagfile=base.flags"]
    assert recipes.with_recipes(argv, folder) == argv


def test_bytes_that_are_not_utf_8_are_kept(folder):
    (folder / "odd.flags").write_bytes(b"--a=\xff\r\n")
    argv = recipes.with_recipes(["--flagfile=odd.flags"], folder)
    assert argv == ["--a=\udcff"]


def test_an_unknown_name_tells_the_places_and_the_recipes(folder):
    with pytest.raises(UsageError) as info:
        recipes.with_recipes(["--flagfile=bases.flags"], folder)
    message = str(info.value)
    assert "--flagfile=bases.flags: no such file" in message
    assert f"{folder.parent / 'here'} or {folder}." in message
    assert message.endswith("Name a file or a recipe: base.flags, more.flags.")


@pytest.mark.parametrize("argv", [["--flagfile="], ["--flagfile"]])
def test_an_empty_name_is_refused(folder, argv):
    with pytest.raises(UsageError, match="--flagfile=: no such file"):
        recipes.with_recipes(argv, folder)


def test_an_unknown_name_in_a_file_names_that_file(folder):
    (folder / "bad.flags").write_text("--flagfile=no.flags\n")
    with pytest.raises(UsageError, match="--flagfile=no.flags in .*bad.flags:"):
        recipes.with_recipes(["--flagfile=bad.flags"], folder)


def test_a_file_that_includes_itself_is_refused(folder):
    (folder / "one.flags").write_text("--flagfile=two.flags\n")
    (folder / "two.flags").write_text("--flagfile=one.flags\n")
    with pytest.raises(UsageError, match="one.flags includes itself"):
        recipes.with_recipes(["--flagfile=one.flags"], folder)


@pytest.mark.parametrize(("app_class", "name"), RECIPES)
def test_every_recipe_is_valid_from_any_folder(
    app_class, name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    argv = ["x", f"--flagfile={name}"]
    argv = recipes.with_recipes(argv, recipes.folder_of(app_class))
    words, given = flags.parse(app_class.Config, argv)
    assert not words
    assert "dataset" in given


def test_the_command_line_knows_recipes(toy, monkeypatch, tmp_path):
    monkeypatch.setattr(recipes, "folder_of", lambda app_class: tmp_path)
    (tmp_path / "broken.flags").write_text("--slop=1\n")
    code, _, err = toy("train", "--flagfile=broken.flags")
    assert (code, err.count("\n")) == (2, 1)
    assert "Did you mean: slope" in err
    code, _, err = toy("train", "--flagfile=other.flags")
    assert (code, err.count("\n")) == (2, 1)
    assert "broken.flags" in err
