"""Runs the app from the command line."""

import sys

from apps.stock import Stock
from common import runner


def main():
    runner.exit(runner.run(Stock, sys.argv))


if __name__ == "__main__":
    main()
