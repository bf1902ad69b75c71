"""MP4, MOV, AVI, WebM and other containers, by PyAV, an optional package."""

import pathlib
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np
from av.sidedata.sidedata import Type

from common.errors import UserError
from common.video import limits

# Not playlists, which open further files and addresses.
DEMUXERS = "mov,avi,matroska,mpegts,mpeg,asf,flv,ogg,ivf"


def read(
    path: pathlib.Path, file: BinaryIO
) -> Iterator[tuple[np.ndarray, float]]:
    """Yields the upright frames of a video, and their seconds.

    Frames before a damaged place are read, with a line on standard error.

    Args:
      path: Of the file, for messages.
      file: The file at its beginning; a pipe will do if the format allows.

    Raises:
      UserError: It is not a video, or is damaged.
    """
    problem = UserError(
        f"{path} is not a video, or is cut short or damaged: check that it "
        "plays, or convert it to MP4 or GIF."
    )
    try:
        container = av.open(file, options={"format_whitelist": DEMUXERS})
    except (av.FFmpegError, ValueError) as error:
        raise problem from error
    with container:
        if not container.streams.video and not container.streams.audio:
            raise problem
        streams = [
            stream
            for stream in container.streams.video
            # The cover of a song is not a video.
            if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        if not streams:
            raise UserError(
                f"{path} has no video stream: pass a file that has one."
            )
        yield from _timed(_decoded(path, container, streams[0]), streams[0])


def _decoded(path, container, stream):
    """Yields the frames that can be decoded."""
    count = 0
    try:
        for frame in container.decode(stream):
            if frame.width * frame.height > limits.MAX_PIXELS:
                raise UserError(
                    f"{path} has {frame.width:,} x {frame.height:,} pixels, "
                    f"more than {limits.MAX_PIXELS:,}: make it smaller."
                )
            yield frame
            count += 1
    except (av.FFmpegError, ValueError) as error:
        if not count:
            raise UserError(
                f"{path} is damaged, or uses a codec that PyAV cannot decode: "
                "convert it to MP4 (H.264) or GIF."
            ) from error
        print(
            f"{path} is damaged after frame {count:,}; the frames up to there "
            "are used.",
            file=sys.stderr,
        )


def _timed(frames, stream):
    """Yields pixels and the seconds up to the next frame."""
    rate = float(stream.average_rate or 0)
    usual = 1 / rate if rate > 0 else limits.FRAME_SECONDS
    pixels, start = None, None
    for frame in frames:
        if pixels is not None:
            has_times = start is not None and frame.time is not None
            seconds = round(frame.time - start, 6) if has_times else 0
            yield pixels, seconds if seconds > 0 else usual
        pixels, start = _upright(frame), frame.time
    if pixels is not None:
        yield pixels, usual


def _upright(frame):
    """Returns a frame as its display matrix demands, (height, width, 3)."""
    pixels = frame.to_ndarray(format="rgb24")
    matrix = frame.side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return pixels
    # x' = a x + c y, y' = b x + d y; fixed-point numbers.
    a, b, _, c, d = struct.unpack("=5i", bytes(memoryview(matrix))[:20])
    rows, columns = d, a
    if not a and not d:
        pixels, rows, columns = pixels.swapaxes(0, 1), b, c
    return pixels[:: -1 if rows < 0 else 1, :: -1 if columns < 0 else 1]
