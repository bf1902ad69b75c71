"""The command that serves; its packages are imported when it runs."""

import pathlib

from common.command_line import process
from common.errors import UserError
from common.export import versions
from common.serving.options import Options


def run(given: dict, only: str = "") -> None:
    """Serves the SavedModels of a folder until a signal comes.

    Args:
      given: Options by name.
      only: The name of the only model to serve; all if empty.

    Raises:
      Stopped: A signal came.
      UserError: There is no model, a package is absent, or a port is taken.
    """
    options = Options(**given)
    _require_model(pathlib.Path(options.saved_models), only)
    process.import_tensorflow()
    try:
        from common.serving import lifetime
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        raise UserError(
            f"The server needs the package {name}, which is absent: run "
            "`pip install 'unroll-rnn[serve]'` (the extra `serve`)."
        ) from error
    lifetime.run(options, only)


def _require_model(folder, only):
    children = [folder / only] if only else folder.glob("*")
    if not any(versions.numbers(child) for child in children):
        remedy = "run `export` first" if only else "export a model to it"
        raise UserError(
            f"No SavedModel in {folder / only}: {remedy}, or set "
            "--saved_models."
        )
