"""Runs the app from the command line."""

import sys

from apps.sentiment import Sentiment
from common import runner


def main():
    runner.exit(runner.run(Sentiment, sys.argv))


if __name__ == "__main__":
    main()
