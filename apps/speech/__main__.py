"""Runs the app from the command line."""

import sys

from apps.speech import Speech
from common import runner


def main():
    runner.exit(runner.run(Speech, sys.argv))


if __name__ == "__main__":
    main()
