"""What a workspace looks like: its statuses, its logs, its artifacts, for a report that shows more than findings.

The engine fills this in where a report asks for it. Nothing here does anything.
"""

from __future__ import annotations

from statecheck.tuples import NamedTuple


class Stop(NamedTuple):
    """A state that something was in, and where: a revision, the index, the working tree.

    `legal` says whether it could be reached from the stop before; `skipped` are the states on the way that nobody saw.
    """

    state: str
    where: str
    legal: bool = True
    skipped: tuple[str, ...] = ()


class Track(NamedTuple):
    """A status machine, by its states in order, and the way that one thing went through it."""

    subject: str
    states: tuple[str, ...]
    stops: tuple[Stop, ...]


class LogEntry(NamedTuple):
    """An entry of a log: its heading, its time as written, its line, and whether the base does not have it."""

    title: str
    time: str
    line: int
    new: bool


class Log(NamedTuple):
    """A log, and its entries in order."""

    path: str
    entries: tuple[LogEntry, ...]


class Artifact(NamedTuple):
    """A path that a variant names, and what is there: ``found``, ``missing``, ``case`` or ``unsafe``."""

    variant: str
    named: str
    state: str
    path: str


class Portrait(NamedTuple):
    """A workspace as it stands."""

    folder: str
    kind: str
    tracks: tuple[Track, ...]
    logs: tuple[Log, ...]
    artifacts: tuple[Artifact, ...]
