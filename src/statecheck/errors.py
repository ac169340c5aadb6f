"""What ends a run with a sentence and exit code 2: something that is wrong with the world, and not with the program."""

from __future__ import annotations


class ExpectedError(Exception):
    """Something that a run can say in one sentence, with what to do; no mistake of the program's."""


class UsageError(ExpectedError):
    """The arguments do not make sense together, or name something that is not there."""


class OwnFileError(ExpectedError):
    """The configuration, or another file that statecheck keeps, cannot be used; the message says why."""


class WriteError(ExpectedError):
    """A repair could not be written, or files changed under it; the message says what was and was not done."""
