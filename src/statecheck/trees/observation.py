"""What was asked of trees while something was judged: as long as the answers are the same, so is the judgement."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from statecheck.trees.digests import digest_of
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator


class Stamp(NamedTuple):
    """What the file system says of a file without its content being read; times in nanoseconds."""

    size: int
    modified: int
    changed: int
    inode: int
    mode: int


class Seen:
    """What was asked: of the disk, and of what git knows.

    `entries` are paths on disk of which it was asked what stands there, `listings` folders that were listed, `stamps`
    those of files whose size was asked, or that were read, and `digests` those of the content of these. `writable` says
    of paths whether they could be written. `others` are questions to what git knows: who was asked, and a path, with a
    slash at its end where all below it was meant. Of a judgement that is not `lasting`, nobody knows what it rests on.
    """

    def __init__(self) -> None:
        self.entries: set[str] = set()
        self.listings: set[str] = set()
        self.stamps: dict[str, Stamp] = {}
        self.digests: dict[str, bytes] = {}
        self.writable: dict[str, bool] = {}
        self.others: set[tuple[str, str]] = set()
        self.lasting = True

    def note_read(self, path: str, stamp: Stamp, content: bytes) -> None:
        """Note that a file was read; one that was another the time before shows that it changes under the run."""
        digest = digest_of(content)
        self.lasting = self.lasting and self.digests.get(path, digest) == digest
        self.stamps[path], self.digests[path] = stamp, digest

    def add(self, other: Seen) -> None:
        """Add what was asked elsewhere."""
        self.lasting = self.lasting and other.lasting and self.agrees_with(other)
        self.entries |= other.entries
        self.listings |= other.listings
        self.stamps.update(other.stamps)
        self.digests.update(other.digests)
        self.writable.update(other.writable)
        self.others |= other.others

    def agrees_with(self, other: Seen) -> bool:
        """Say whether no file was another one elsewhere."""
        return all(self.digests.get(path, digest) == digest for path, digest in other.digests.items()) and all(
            self.writable.get(path, may) == may for path, may in other.writable.items()
        )

    def part(self, which: Callable[[str], bool]) -> Seen:
        """Return what was asked about some paths."""
        found = Seen()
        found.entries = {path for path in self.entries if which(path)}
        found.listings = {path for path in self.listings if which(path)}
        found.stamps = {path: each for path, each in self.stamps.items() if which(path)}
        found.digests = {path: each for path, each in self.digests.items() if which(path)}
        found.writable = {path: each for path, each in self.writable.items() if which(path)}
        found.others = {(who, path) for who, path in self.others if which(path.rstrip("/"))}
        return found


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


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp in what the system says of a file."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_mode)
