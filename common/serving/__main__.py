"""Serves the SavedModels in a folder, of this project or of any other.

python -m common.serving saved_models/
    Answers on 127.0.0.1 with the REST interface of TensorFlow Serving on port
    8501 and its gRPC interface on port 8500, each folder of versions as one
    model, until it is stopped. New versions are picked up.
"""

import sys

from common.command_line import flags
from common.command_line import process
from common.errors import UsageError
from common.serving import command
from common.serving.options import Options


def main() -> None:
    process.exit(process.run("serving", lambda: _run(sys.argv)))


def _run(argv):
    words, options = flags.parse(Options, argv)
    if options.pop("help", False):
        print(f"{__doc__}\n{flags.help_text(Options)}")
        return
    if len(words) > 1:
        raise UsageError(f"Unexpected argument {words[1]!r}.")
    if words:
        options["saved_models"] = words[0]
    command.run(options)


if __name__ == "__main__":
    main()
