"""MIDI files for tests, event by event."""

import struct

END = b"\0\xff\x2f\0"
TWO_NOTES = bytes.fromhex("00903c508360803c0000904050836080400000ff2f00")


def header(kind=1, count=1, division=480):
    return b"MThd" + struct.pack(">IHHh", 6, kind, count, division)


def track(events, size=None):
    size = len(events) if size is None else size
    return b"MTrk" + struct.pack(">I", size) + events


def one_track(events, division=480):
    """Returns a file of hexadecimal events, which end at once."""
    return header(division=division) + track(bytes.fromhex(events) + END)
