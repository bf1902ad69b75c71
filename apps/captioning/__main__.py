"""Runs the app from the command line."""

import sys

from apps.captioning import Captioning
from common import runner


def main():
    runner.exit(runner.run(Captioning, sys.argv))


if __name__ == "__main__":
    main()
