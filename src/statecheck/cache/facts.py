"""Facts: what a judgement rests on, in a form that is small, and quickly held against the disk."""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING

from statecheck.trees import Stamp, UnreadableError, digest_of
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.trees import Entry, Seen, WorkingTree
    from statecheck.trees.base import EntryKind

SETTLED = 2_000_000_000
"""Nanoseconds after which a file system shows by its times that a file was written again: the coarsest counts twos."""

_LETTERS = {"file": "-", "folder": "d", "symlink": "l", "submodule": "m", "special": "s"}
_PLAIN: tuple[EntryKind, ...] = ("file", "folder", "special")
_KINDS: dict[str, EntryKind] = {_LETTERS[kind]: kind for kind in _PLAIN}
_NUMBERS = 5
_MASK = 2**64 - 1


class Shape(NamedTuple):
    """The questions, without the answers: many workspaces share them. Paths are relative to a folder.

    One that begins with a slash is relative to the root.
    """

    listings: tuple[str, ...]
    entries: tuple[str, ...]
    stamps: tuple[str, ...]
    read: tuple[bool, ...]
    """Of each path of `stamps`, whether the content was read."""
    writable: tuple[str, ...]
    others: tuple[tuple[str, str], ...]


class Facts(NamedTuple):
    """The answers to the questions of a shape. `digest` is that of what was read, and `asked` that of `others`.

    `stamps` are those of files; `folders` are those of the listed folders, empty where they prove nothing. `fresh` says
    that a file was written so lately that its stamp proves nothing.
    """

    folder: str
    listings: tuple[str, ...]
    folders: bytes
    entries: str
    stamps: bytes
    digest: bytes
    writable: str
    asked: bytes
    fresh: bool


def facts_of(seen: Seen, folder: str, disk: WorkingTree, now: int, *, own: bool) -> tuple[Shape, Facts]:
    """Return what a judgement rests on; `now` is in nanoseconds.

    With `own`, `folder` is of one workspace alone, and its listings tell what stands at each path in it.
    """
    entries, listings = set(seen.entries), set(seen.listings)
    if own:
        inside = {path for path in entries if path.startswith(f"{folder}/")}
        asked = {*listings, *(path.rpartition("/")[0] for path in inside)}
        listings = {_told_by(each, folder, disk) for each in asked}
        entries -= inside
    shape = Shape(
        tuple(sorted(_within(path, folder) for path in listings)),
        tuple(sorted(_within(path, folder) for path in entries)),
        tuple(sorted(_within(path, folder) for path in seen.stamps)),
        tuple(path in seen.digests for path in sorted(seen.stamps, key=lambda path: _within(path, folder))),
        tuple(sorted(_within(path, folder) for path in seen.writable)),
        tuple(sorted((who, _question(path, folder)) for who, path in seen.others)),
    )
    stamps = _packed([number for path in shape.stamps for number in seen.stamps[whole(path, folder)]])
    read = (seen.digests[whole(path, folder)] for path, was in zip(shape.stamps, shape.read, strict=True) if was)
    facts = Facts(
        folder,
        _listings(shape, folder, disk),
        _folders(shape, folder, disk, now),
        _entries(shape, folder, disk),
        stamps,
        digest_of(b"".join(read)),
        "".join("+-"[not seen.writable[whole(path, folder)]] for path in shape.writable),
        b"",
        _latest(stamps) + SETTLED > now,
    )
    return shape, facts


def unwritten(shape: Shape, facts: Facts, disk: WorkingTree) -> bool:
    """Say whether the stamps of files prove that none was written; this waits for nothing that git says."""
    return not facts.fresh and _stamps(shape.stamps, facts.folder, disk) == facts.stamps


def take_listings(shape: Shape, facts: Facts, disk: WorkingTree) -> bool:
    """Say whether the stamps of folders prove that the same stands in each; the disk then takes it for granted."""
    if not facts.folders or disk.before_listing is None:
        return False
    if _stamps(shape.listings, facts.folder, disk) != facts.folders:
        return False
    for path, answer in zip(shape.listings, facts.listings, strict=True):
        kinds = {each[1:]: _KINDS[each[0]] for each in answer.split("\0")} if answer else {}
        if not disk.take_listing(whole(path, facts.folder), kinds):
            return False
    return True


def note_listings(shape: Shape, facts: Facts, disk: WorkingTree) -> None:
    """Have the disk know what stamps the folders have that it takes for granted: they are judged by again."""
    if facts.folders and disk.before_listing is not None:
        for at, path in enumerate(shape.listings):
            disk.before_listing[whole(path, facts.folder)] = Stamp(*_unpacked(_stamp_at(at, facts.folders)))


def names_hold(shape: Shape, facts: Facts, disk: WorkingTree, now: int, *, listed: bool = False) -> Facts | None:
    """Return the facts as they are now if the same stands in every folder, and at every path; else None.

    `now` is in nanoseconds. With `listed`, the listings are known to be as they were.
    """
    folder = facts.folder
    if not listed:
        if _listings(shape, folder, disk) != facts.listings:
            return None
        folders = _folders(shape, folder, disk, now)
        if folders != facts.folders:
            facts = facts._replace(folders=folders)
    return facts if not shape.entries or _entries(shape, folder, disk) == facts.entries else None


def content_holds(shape: Shape, facts: Facts, disk: WorkingTree, now: int, *, same: bool) -> Facts | None:
    """Return the facts as they are now if what was read is the same, and as much of it may be written; else None.

    `now` is in nanoseconds. With `same`, the stamps of files are known to be as they were.
    """
    folder = facts.folder
    if any(
        disk.writable(whole(path, folder)) != (was == "+")
        for path, was in zip(shape.writable, facts.writable, strict=True)
    ):
        return None
    if same:
        return facts
    stamps = _stamps(shape.stamps, folder, disk)
    if stamps is None or _digest(shape, folder, disk) != facts.digest:
        return None
    sizes = zip(_unpacked(stamps)[::_NUMBERS], _unpacked(facts.stamps)[::_NUMBERS], strict=True)
    if any(new != old for (new, old), was_read in zip(sizes, shape.read, strict=True) if not was_read):
        return None
    return facts._replace(stamps=stamps, fresh=_latest(stamps) + SETTLED > now)


def covers(shape: Shape, facts: Facts, seen: Seen) -> bool:
    """Say whether what was asked is among the questions of a shape that holds, about the root, with its answers."""
    rows = zip(shape.stamps, shape.read, strict=True)
    known = {path: (read, _stamp_at(at, facts.stamps)) for at, (path, read) in enumerate(rows)}
    writable = dict(zip(shape.writable, facts.writable, strict=True))
    return (
        seen.lasting
        and not facts.fresh
        and seen.entries.issubset(shape.entries)
        and seen.listings.issubset(shape.listings)
        and seen.others.issubset(shape.others)
        and all(known.get(each) == (each in seen.digests, _packed([*at])) for each, at in seen.stamps.items())
        and all(writable.get(each) == "+-"[not may] for each, may in seen.writable.items())
    )


def ask_again(shape: Shape, facts: Facts, disk: WorkingTree, seen: Seen, now: int) -> bool:
    """Ask the questions of a shape once more, so that who observes the disk notes them.

    Say whether the answers are still the same; `now` is in nanoseconds.
    """
    seen.others.update(questions(shape, facts.folder))
    named = names_hold(shape, facts, disk, now)
    if named is None or content_holds(shape, named, disk, now, same=False) is None:
        return False
    try:
        for path, was_read in zip(shape.stamps, shape.read, strict=True):
            if not was_read:
                disk.size(whole(path, facts.folder))
    except UnreadableError:
        return False
    return True


def questions(shape: Shape, folder: str) -> list[tuple[str, str]]:
    """Return the questions to what git knows, as they are asked."""
    below = ((who, path, "/" if path.endswith("/") else "") for who, path in shape.others)
    return [(who, whole(path[:-1] if end else path, folder) + end) for who, path, end in below]


def _question(path: str, folder: str) -> str:
    return f"{_within(path[:-1], folder)}/" if path.endswith("/") else _within(path, folder)


def _latest(stamps: bytes) -> int:
    """Return when the file that was written last was written."""
    numbers = _unpacked(stamps)
    return max((*numbers[1::_NUMBERS], *numbers[2::_NUMBERS]), default=0)


def _told_by(asked: str, folder: str, disk: WorkingTree) -> str:
    """Return the folder, in that of a workspace, whose listing tells what is in another one, or that there is none."""
    if not asked.startswith(f"{folder}/"):
        return asked
    there = folder
    for step in asked.removeprefix(f"{folder}/").split("/"):
        found = disk.children(there).get(step)
        if found is None or found.kind != "folder":
            return there
        there = f"{there}/{step}"
    return there


def _listings(shape: Shape, folder: str, disk: WorkingTree) -> tuple[str, ...]:
    return tuple(listing_answer(whole(path, folder), disk) for path in shape.listings)


def listing_answer(folder: str, disk: WorkingTree) -> str:
    """Return what stands in a folder."""
    children = disk.children(folder)
    return "\0".join(sorted([f"{_answer(entry, folder, name, disk)}{name}" for name, entry in children.items()]))


def entry_answer(path: str, disk: WorkingTree) -> str:
    """Return what stands at a path."""
    entry = disk.entry(path)
    folder, _, name = path.rpartition("/")
    return "?" if entry is None else _answer(entry, folder, name, disk)


def _answer(entry: Entry, folder: str, name: str, disk: WorkingTree) -> str:
    """Return a letter, with the object id of what only the index has, and of a symbolic link what it says."""
    letter = _LETTERS[entry.kind]
    if entry.kind != "symlink" or entry.oid is not None:
        return letter if entry.oid is None else f"{letter}{entry.oid}"
    try:
        return f"l{os.readlink(disk.native(f'{folder}/{name}' if folder else name))}\0"
    except OSError:
        return "l?"


def _entries(shape: Shape, folder: str, disk: WorkingTree) -> str:
    return "\0".join([entry_answer(whole(path, folder), disk) for path in shape.entries])


def _folders(shape: Shape, folder: str, disk: WorkingTree, now: int) -> bytes:
    """Return the stamps that the listed folders had before they were listed; nothing where they would prove nothing.

    They do where names and kinds are all there is to know of what stands there, and nothing was put there so lately
    that the time of the folder cannot tell.
    """
    numbers: list[int] = []
    for path in (whole(each, folder) for each in shape.listings):
        stamp = (disk.before_listing or {}).get(path)
        if stamp is None or not all(each.oid is None and each.kind in _PLAIN for each in disk.children(path).values()):
            return b""
        numbers += stamp
    stamps = _packed(numbers)
    return stamps if _latest(stamps) + SETTLED <= now else b""


def _stamps(paths: Iterable[str], folder: str, disk: WorkingTree) -> bytes | None:
    """Return the stamps of files or folders as they are now, or None where one is gone."""
    numbers: list[int] = []
    own = disk.native(folder)
    inside = os.path.join(own, "")
    try:
        for path in paths:
            at = os.lstat(disk.native(path[1:]) if path[:1] == "/" else inside + path if path else own)
            numbers += (at.st_size, at.st_mtime_ns, at.st_ctime_ns, at.st_ino, at.st_mode)
    except OSError:
        return None
    return _packed(numbers)


def _packed(numbers: list[int]) -> bytes:
    """Return numbers in a form that is small; one that is too large for it loses what is above 64 bits."""
    try:
        return array("q", numbers).tobytes()
    except OverflowError:
        return array("Q", (each & _MASK for each in numbers)).tobytes()


def _stamp_at(number: int, stamps: bytes) -> bytes:
    """Return one of several stamps, by its number."""
    return stamps[number * _NUMBERS * 8 : (number + 1) * _NUMBERS * 8]


def _unpacked(stamps: bytes) -> array[int]:
    return array("q", stamps)


def _digest(shape: Shape, folder: str, disk: WorkingTree) -> bytes | None:
    paths: Iterable[str] = (path for path, was in zip(shape.stamps, shape.read, strict=True) if was)
    try:
        return digest_of(b"".join(digest_of(disk.read(whole(path, folder))) for path in paths))
    except UnreadableError:
        return None


def _within(path: str, folder: str) -> str:
    if not folder:
        return path
    if path == folder:
        return ""
    return path[len(folder) + 1 :] if path.startswith(f"{folder}/") else f"/{path}"


def whole(path: str, folder: str) -> str:
    """Return a path of a shape as a path of the tree."""
    if path.startswith("/"):
        return path[1:]
    return f"{folder}/{path}" if folder and path else folder or path
