"""Amendments: changes of old log entries that were made on purpose and recorded with their reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.documents import JsonLinesDocument, read_document
from statecheck.tuples import NamedTuple
from statecheck.workspaces.discovery import OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.trees import Tree

AMENDMENTS_FILE = f"{OWN_FOLDER}/amendments.jsonl"
"""Where amendments are recorded, one JSON object a line."""


class Amendment(NamedTuple):
    """One recorded change: the log, the SHA-256 of the entry before and after (None: removed), why, who, and when."""

    path: str
    old_sha256: str
    new_sha256: str | None
    reason: str
    author: str
    time: str


Amendments = dict[tuple[str, str], list[Amendment]]
"""The amendments by the log's path and the digest of the entry that was changed."""


def find_amendment(amendments: Amendments, paths: Iterable[str], old: str, new: str | None) -> Amendment | None:
    """Return the last of the amendments that lead from one digest of an entry to another (None: removed), or None."""
    known = {old}
    pending = [old]
    where = tuple(dict.fromkeys(paths))
    while pending:
        digest = pending.pop()
        for each in (found for path in where for found in amendments.get((path, digest), [])):
            if each.new_sha256 == new:
                return each
            if each.new_sha256 is not None and each.new_sha256 not in known:
                known.add(each.new_sha256)
                pending.append(each.new_sha256)
    return None


def read_amendments(tree: Tree) -> Amendments:
    """Return the amendments that a tree records; none where the record is missing, or damaged (rule S101)."""
    found: Amendments = {}
    if tree.entry(AMENDMENTS_FILE) is None:
        return found
    document = read_document(tree, AMENDMENTS_FILE, "jsonl")
    if not isinstance(document, JsonLinesDocument) or not document.usable:
        return found
    for value in document.values:
        each = _amendment(value)
        if each is not None:
            found.setdefault((each.path, each.old_sha256), []).append(each)
    return found


def _amendment(value: dict[str, Any]) -> Amendment | None:
    """Return the amendment that a line records, or None where it lacks something: then it accepts nothing."""
    new = value.get("new_sha256", 0)  # a removal is written as null; what is not there says nothing
    words = {name: value.get(name) for name in Amendment._fields if name != "new_sha256"}
    if not all(isinstance(word, str) and word.strip() for word in words.values()) or not isinstance(new, str | None):
        return None
    return Amendment(**{name: str(word) for name, word in words.items()}, new_sha256=new)
