"""Limits of clips: a few bytes may claim any size."""

MAX_FRAMES = 10_000
MAX_BYTES = 2**28  # Of the decoded pixels, and of those of the result.
MAX_BATCH_BYTES = 2**31  # Of the pixels of a batch: eight clips of the most.
MAX_PIXELS = 2**25  # Of a frame.
FRAME_SECONDS = 0.1  # Where a file has no durations.
# Of animations, in 1/100 s. Browsers take shorter ones for the default.
SHORTEST_DELAY, DEFAULT_DELAY = 2, 10


def frame_bytes(side: int) -> int:
    """Returns the bytes of a decoded frame: float32, RGB.

    Args:
      side: Height and width in pixels.
    """
    return 4 * 3 * side**2
