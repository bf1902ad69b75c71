"""Runs the app from the command line."""

import sys

from apps.music import Music
from common import runner


def main():
    runner.exit(runner.run(Music, sys.argv))


if __name__ == "__main__":
    main()
