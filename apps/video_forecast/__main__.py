"""Runs the app from the command line."""

import sys

from apps.video_forecast import VideoForecast
from common import runner


def main():
    runner.exit(runner.run(VideoForecast, sys.argv))


if __name__ == "__main__":
    main()
