"""What was asked of trees while something was judged: as long as the answers are the same, so is the judgement."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stamp(NamedTuple):
    """What the file system says of a file without its content being read; times in nanoseconds."""

    size: int
    modified: int
    changed: int
    inode: int
    mode: int


class Seen:
    """What was asked: of the disk, and of trees and lists of files by their names.

    `entries` are paths on disk of which it was asked what stands there, `listings` folders that were listed, `reads`
    the files that were read, each with its stamp and a digest of its content. `others` are questions to what git knows,
    each with the name of who was asked. Of a judgement that is not `lasting`, nobody knows what it depends on.
    """

    def __init__(self) -> None:
        self.entries: set[str] = set()
        self.listings: set[str] = set()
        self.reads: dict[str, tuple[Stamp, bytes]] = {}
        self.others: set[tuple[str, str]] = set()
        self.lasting = True


class Observer:
    """Notes what is asked, for whoever has begun to judge something."""

    def __init__(self) -> None:
        self.seen = Seen()

    @contextmanager
    def noting(self, seen: Seen) -> Iterator[Seen]:
        """Note in `seen` what is asked meanwhile."""
        before, self.seen = self.seen, seen
        try:
            yield seen
        finally:
            self.seen = before


def stamp_of(status: object) -> Stamp:
    """Return the stamp in the result of a ``stat`` call."""
    return Stamp(
        status.st_size,  # type: ignore[attr-defined]
        status.st_mtime_ns,  # type: ignore[attr-defined]
        status.st_ctime_ns,  # type: ignore[attr-defined]
        status.st_ino,  # type: ignore[attr-defined]
        status.st_mode,  # type: ignore[attr-defined]
    )
