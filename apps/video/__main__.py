"""Runs the app from the command line."""

import sys

from apps.video import Video
from common import runner


def main():
    runner.exit(runner.run(Video, sys.argv))


if __name__ == "__main__":
    main()
