"""Runs the app from the command line."""

import sys

from apps.translation import Translation
from common import runner


def main():
    runner.exit(runner.run(Translation, sys.argv))


if __name__ == "__main__":
    main()
