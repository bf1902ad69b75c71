"""Runs an app on few examples, and sends itself a signal.

    python -m tests.reliability.every_app APP SIGNAL NAME NUMBER FOLDER

See `driver` for the signal.
"""

import dataclasses
import sys

from common import runner
from tests.apps import test_contract
from tests.reliability import driver


def tiny(name):
    """Returns the class of an app that learns from few examples."""
    classes = {app.name: app for app in test_contract.app_classes()}

    class Tiny(classes[name]):
        def examples(self, split):
            return super().examples(split).take(test_contract.EXAMPLES)

    return Tiny


if __name__ == "__main__":
    app_name, signal_name, name, number, folder = sys.argv[1:]
    app_class = tiny(app_name)
    if int(number):
        driver.interrupt(signal_name, name, int(number))
    known = {field.name for field in dataclasses.fields(app_class.Config)}
    small = test_contract.SMALL | {"checkpoint_minutes": 0}
    options = [f"--{key}={small[key]}" for key in small if key in known]
    options += [f"--run_dir={folder}/run", f"--saved_models={folder}/models"]
    runner.exit(runner.run(app_class, [app_name, "all", *options]))
