"""Tokens that stand for no text."""

import enum


class Mark(enum.Enum):
    """What a row of an embedding is of, if it is not of a token."""

    PADDING = "padding"
    UNKNOWN = "unknown token"
    END = "end of a line"
