"""Errors that a user can fix; shown as one line, without a traceback."""


class UserError(Exception):
    """Names the value, the place and the remedy; exit code 1."""


class UsageError(UserError):
    """The command line is wrong; exit code 2."""
