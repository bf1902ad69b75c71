"""A model of a small text, trained once for all tests of the app."""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import NamedTuple

import pytest

from apps.language_model import LanguageModel
from common import runner
from common.training import saved_config

LINES = ["the dog barks", "the dogs bark", "the company said it would"]


class Run(NamedTuple):
    """A trained run.

    Attributes:
      folder: Holds text.txt and the folder run.
      app: The app of the run.
      command: Runs a command of the app with the run; returns the exit code.
      answers: Returns the lines that a command prints for some words; the
        model is loaded once.
    """

    folder: pathlib.Path
    app: LanguageModel
    command: Callable
    answers: Callable


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("language_model")
    (folder / "text.txt").write_text("\n".join(LINES * 40))

    def command(*words):
        places = f"--run_dir={folder}/run", f"--saved_models={folder}"
        return runner.run(LanguageModel, ["", words[0], *places, *words[1:]])

    options = (
        *(f"--dataset={folder}/text.txt", "--epochs=12", "--unroll_steps=5"),
        *("--units=8", "--embedding_size=16", "--batch_size=4"),
        "--learning_rate=0.03",
    )
    assert command("train", *options) == 0
    config = saved_config.read(LanguageModel.Config, folder / "run")
    app = LanguageModel(dataclasses.replace(config, page_length=50))
    model = app.load_model()

    def answers(name, *words):
        interface = app.interface
        return list(interface.commands[name](interface, model, words))

    return Run(folder, app, command, answers)
