"""Runs the app from the command line."""

import sys

from apps.language_model import LanguageModel
from common import runner


def main():
    runner.exit(runner.run(LanguageModel, sys.argv))


if __name__ == "__main__":
    main()
