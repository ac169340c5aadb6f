"""What git says of many files at once: its index, and a commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.trees.flat import kind_of_mode
from statecheck.trees.listed import Listed
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from statecheck.trees.base import Entry


class Listing(NamedTuple):
    """What one ``ls-files`` call tells: the index, and the untracked files that are not ignored."""

    staged: Listed
    untracked: list[str]
    absent: set[str]
    """Paths that a sparse checkout leaves out of the working tree."""


def parse_listing(output: bytes) -> Listing:
    """Read ``ls-files -z -s -t``: ``H 100644 <oid> 0<TAB>name`` for the index, ``? name`` for untracked files.

    The untracked files come first.
    """
    at = 0
    while output.startswith(b"? ", at):
        at = output.index(b"\0", at) + 1
    others = (record[2:] for record in os.fsdecode(output[:at]).split("\0") if record)
    untracked = [name for name in others if not name.endswith("/")]  # that is another repository inside this one
    index = output[at:]
    absent = set[str]()
    if index.startswith(b"S ") or b"\0S " in index:
        records = (record.partition("\t") for record in os.fsdecode(index).split("\0"))
        absent = {name for words, _, name in records if words.startswith("S ")}
    return Listing(Listed(index, _staged), untracked, absent)


def _staged(words: str) -> Entry:
    oid, stage = words[9:-2], words[-1]
    return kind_of_mode(words[2:8], oid if stage == "0" else "0" * len(oid))


def newly_staged(before: bytes, now: bytes) -> list[tuple[str, str]]:
    """Return the paths and object ids of the files that one listing has in the index, and another has not so.

    They come in the order of the listing.
    """
    known, found = set(before.split(b"\0")), []
    for record in now.split(b"\0"):
        meta, _, name = record.partition(b"\t")
        if record not in known and not record.startswith(b"? ") and meta.endswith(b" 0"):
            found.append((os.fsdecode(name), meta[9:-2].decode()))
    return found


def parse_commit(output: bytes) -> Listed:
    """Read ``ls-tree -r -z``: ``100644 blob <oid><TAB>name``."""
    return Listed(output, _committed)


def _committed(words: str) -> Entry:
    return kind_of_mode(words[:6], words.rpartition(" ")[2])
