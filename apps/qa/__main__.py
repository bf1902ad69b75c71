"""Runs the app from the command line."""

import sys

from apps.qa import QA
from common import runner


def main():
    runner.exit(runner.run(QA, sys.argv))


if __name__ == "__main__":
    main()
