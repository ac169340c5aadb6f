"""What git says of many files at once: its index, and a commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from statecheck.trees.flat import kind_of_mode

if TYPE_CHECKING:
    from statecheck.trees.base import Entry


class Listing(NamedTuple):
    """What one ``ls-files`` call tells: the index, and the untracked files that are not ignored."""

    staged: dict[str, Entry]
    untracked: list[str]
    absent: set[str]
    """Paths that a sparse checkout leaves out of the working tree."""


def parse_listing(output: bytes) -> Listing:
    """Read ``ls-files -z -s -t``: ``H 100644 <oid> 0<TAB>name`` for the index, ``? name`` for untracked files."""
    index: dict[str, Entry] = {}
    untracked: list[str] = []
    absent: set[str] = set()
    for record in os.fsdecode(output).split("\0"):
        if record.startswith("? "):
            if not record.endswith("/"):  # another repository inside this one
                untracked.append(record[2:])
        elif record:
            meta, _, name = record.partition("\t")
            oid, stage = meta[9:-2], meta[-1]
            index[name] = kind_of_mode(meta[2:8], oid if stage == "0" else "0" * len(oid))
            if meta[0] == "S":
                absent.add(name)
    return Listing(index, untracked, absent)


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


def parse_commit(output: bytes) -> dict[str, Entry]:
    """Read ``ls-tree -r -z``: ``100644 blob <oid><TAB>name``."""
    entries: dict[str, Entry] = {}
    for record in os.fsdecode(output).split("\0"):
        if record:
            meta, _, name = record.partition("\t")
            mode, _, oid = meta.split(" ")
            entries[name] = kind_of_mode(mode, oid)
    return entries
