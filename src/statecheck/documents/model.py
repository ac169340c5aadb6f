"""Documents: a file of a workspace parsed once, with the place of everything in it."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any

from statecheck.documents.damage import (
    Problem,
    byte_order_mark,
    conflict,
    conflict_problem,
    conflicts,
    decode,
)
from statecheck.documents.kept import kept
from statecheck.documents.log_fields import EntryFields, Latest
from statecheck.documents.markdown import Markdown
from statecheck.documents.memory_lines import MemoryLine, read_memory
from statecheck.documents.nodes import Node, Pointer, editable, find, json_nodes, select_values
from statecheck.documents.positions import Lines, Place, Span
from statecheck.documents.templates import read_plan
from statecheck.trees import UnreadableError, is_blob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from statecheck.documents.logs import Entry
    from statecheck.documents.templates import Plan
    from statecheck.trees import Tree

LIMITS = {"json": 16 * 2**20, "jsonl": 16 * 2**20, "yaml": 2**17, "markdown": 32 * 2**20}
"""Bytes of the largest file of each format that is read (rule W901). YAML takes a hundred times as long as JSON."""

UNUSABLE = frozenset({"S101", "W901", "W904"})
"""Problems that leave nothing to judge; a duplicate key (S102) does not."""


class Document:
    """A file as it was read: its bytes, its text, and what is wrong with it as a file."""

    def __init__(self, path: str, data: bytes, problems: list[Problem], text: str) -> None:
        self.path = path
        self.data = data
        self.text = text
        self.problems = problems
        self.kept: dict[tuple[Any, ...], Any] = {}
        self._begun: dict[tuple[int, str], bool] = {}

    @property
    def usable(self) -> bool:
        """Whether the content can be judged."""
        return not self.problems or not any(problem.code in UNUSABLE for problem in self.problems)

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    def place(self, span: Span) -> Place:
        """Return lines and columns of a span of this document."""
        return self.lines.place(span)

    def start_of(self, line: int) -> int:
        """Return where a line, counted from 0, starts; the end of the text where there is none."""
        return self.lines.start(line)

    def begins_with(self, length: int, oid: str) -> bool:
        """Say whether the file begins with the blob that has this length in bytes and this object id."""
        if (length, oid) not in self._begun:
            same = length <= len(self.data) and is_blob(memoryview(self.data)[:length], oid)
            self._begun[length, oid] = same
        return self._begun[length, oid]

    def byte_offset(self, offset: int) -> int:
        """Return where a character offset lies in the file's bytes."""
        return len(self.text[:offset].encode("utf-8", "surrogatepass"))

    def character_offset(self, offset: int) -> int:
        """Return where a byte of the file lies in its text. Raises `UnicodeDecodeError` within a character."""
        return len(self.data[:offset].decode())


class StateDocument(Document):
    """A JSON or YAML file: its value, and where every value and key of it stands."""

    def __init__(
        self, path: str, data: bytes, problems: list[Problem], text: str, value: Any, root: Node | None
    ) -> None:
        super().__init__(path, data, problems, text)
        self.value = value
        self._root = root

    @cached_property
    def root(self) -> Node:
        """The syntax of the document; only built when a place in it is needed."""
        return self._root if self._root is not None else json_nodes(self.text)

    def span(self, pointer: Pointer) -> Span:
        """Return the span of a value, or of the nearest one above it."""
        return find(self.root, pointer)[0].span

    @kept
    def select(self, pattern: str) -> list[tuple[Pointer, Any]]:
        """Return the values that a JSON Pointer leads to, in which ``*`` stands for every key or index."""
        return list(select_values(self.value, pattern))

    def member_at(self, key_span: Span) -> tuple[Node | None, int]:
        """Return the object or mapping whose key stands at `key_span`, and the number of the key in it."""
        return self._members.get(key_span.start, (None, 0))

    @cached_property
    def _members(self) -> dict[int, tuple[Node, int]]:
        return {
            member.key_span.start: (node, index)
            for _, node in self.root.walk()
            for index, member in enumerate(node.members or ())
        }

    def editable(self, pointer: Pointer) -> bool:
        """Say whether a value stands at exactly this place, and nowhere else: YAML merges and aliases share some."""
        return editable(self.root, pointer) is not None

    def key_span(self, pointer: Pointer) -> Span:
        """Return the span of the key at `pointer`, or of the value where it has no key."""
        node, member = find(self.root, pointer)
        return member.key_span if member is not None else node.span


class MarkdownDocument(Document):
    """A Markdown file and its blocks."""

    said_before: Callable[[int], str | None] | None = None
    """Gives the phase that an entry of a log signals to be done, by its line, where that is known from before."""

    @property
    def lines(self) -> Lines:
        """The lines of the text."""
        return self.markdown.lines

    @cached_property
    def markdown(self) -> Markdown:
        """The blocks of the text, found when first needed."""
        return Markdown(self.text)

    def start_of(self, line: int) -> int:
        """Return where a line, counted from 0, starts; the end of the text where there is none."""
        return self.markdown.start(line)

    def said_in(self, entry: Entry) -> EntryFields:
        """Return what an entry of this log says; found once for all rules."""
        lines = entry.heading.line, entry.end_line
        if lines not in self._said:
            said = self._said[lines] = EntryFields(self._latest, entry)
            if self.said_before is not None and self.markdown.is_passed_over(entry.heading.line):
                said.signals(self.said_before(entry.heading.line))
        return self._said[lines]

    def continue_from(self, old: MarkdownDocument, last: Entry, rest: Markdown) -> None:
        """Take over what is known of an older version: the lines before its last entry are the same.

        `rest` are the others.
        """
        line = last.heading.line
        self.markdown.continue_from(old.markdown, line, rest)
        self._said = old._said.copy()
        self._latest, old._latest = old._latest, Latest(old.markdown)
        self._latest.markdown = self.markdown
        said = self._said.pop((line, last.end_line), None)
        if said is not None:
            said.move_to(old._latest)

    @cached_property
    def _said(self) -> dict[tuple[int, int], EntryFields]:
        return {}

    @cached_property
    def _latest(self) -> Latest:
        return Latest(self.markdown)

    @cached_property
    def plan(self) -> Plan:
        """What it says, read as the plan of a task."""
        return read_plan(self.markdown)

    @cached_property
    def memory_lines(self) -> list[MemoryLine]:
        """What it says of workflows, read as a memory file."""
        return read_memory(self.markdown)


def read_document(tree: Tree, path: str, format_name: str, limit: int | None = None) -> Document:
    """Return the document at `path`. Damage of every kind becomes a problem of the document, never an exception.

    `limit` is in bytes; the one of the format if not given.
    """
    try:
        data = tree.read(path, limit or LIMITS[format_name])
    except UnreadableError as error:
        unread = Problem("W901", Span(0, 0), error.reason)
        if format_name in ("markdown", "jsonl"):
            return MarkdownDocument(path, b"", [unread], "")
        return StateDocument(path, b"", [unread], "", None, Node(0, 0))
    return parse_document(path, data, format_name)


def parse_document(path: str, data: bytes, format_name: str) -> Document:
    """Return the document that `data` is."""
    text, damage = decode(data)
    if format_name == "markdown":
        problems = [damage] if damage else _markdown_conflict(text)
        return MarkdownDocument(path, data, problems, text)
    damage = damage or byte_order_mark(text)
    span = conflict(text)
    if damage is None and span is not None:
        damage = conflict_problem(text, span)
    if format_name == "jsonl":
        from statecheck.documents.json_lines import parse_json_lines

        return parse_json_lines(path, data, [damage] if damage else [], text)
    if damage is not None:
        return StateDocument(path, data, [damage], text, None, Node(0, 0))
    if format_name == "yaml":
        from statecheck.documents.yaml_source import parse_yaml

        value, root, problems = parse_yaml(text)
        return StateDocument(path, data, problems, text, value, root)
    from statecheck.documents.json_source import parse_json

    value, problems = parse_json(text)
    damaged = any(problem.code == "S101" for problem in problems)
    return StateDocument(path, data, problems, text, value, Node(0, 0) if damaged else None)


def _markdown_conflict(text: str) -> list[Problem]:
    """Return the first conflict that is not wholly inside one code block, where it would be an example."""
    found = conflicts(text, prose=True)
    span = next(found, None)
    if span is None:
        return []
    fences = Markdown(text).code_spans
    while span is not None and _within(span, fences):
        span = next(found, None)
    return [conflict_problem(text, span)] if span is not None else []


def _within(span: Span, others: Sequence[Span]) -> bool:
    """Say whether a span lies within one of others, which are in order."""
    before = bisect_right(others, span.start, key=lambda each: each.start)
    return before > 0 and span.end <= others[before - 1].end
