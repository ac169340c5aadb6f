"""The syntax of a JSON or YAML document: where every value and every key stands."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from statecheck.documents.positions import Span
from statecheck.documents.repeats import as_often_as_possible
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

Pointer = tuple[str | int, ...]
"""Where a value stands: keys and indexes from the root, the parsed form of a JSON Pointer."""

_INSIDE = as_often_as_possible(r'[^"\\]++|\\.')
_TOKEN = re.compile(rf'[{{}}\[\],:]|"{_INSIDE}"|[^\s{{}}\[\],:"]+', re.DOTALL)


class Node:
    """A value in the source: its span, and its members or items."""

    __slots__ = ("_by_key", "anchored", "end", "items", "members", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        self.members: list[Member] | None = None
        self.items: list[Node] | None = None
        self._by_key: dict[str, Member] | None = None
        self.anchored = False
        """Whether other places of a YAML document may be this very value: to change it would change them."""

    @property
    def span(self) -> Span:
        """The offsets of the value."""
        return Span(self.start, self.end)

    def member(self, key: str | int) -> Member | None:
        """Return the member with this key; the last of equal ones counts."""
        if self._by_key is None:
            self._by_key = {each.key: each for each in self.members or ()}
        return self._by_key.get(key) if isinstance(key, str) else None

    def walk(self) -> Iterator[tuple[Pointer, Node]]:
        """Yield every node with its pointer, in document order; the last of two equal keys counts."""
        pending: list[tuple[Pointer, Node]] = [((), self)]
        while pending:
            pointer, node = pending.pop()
            yield pointer, node
            inner: list[tuple[Pointer, Node]] = []
            if node.members is not None:
                inner = [((*pointer, member.key), member.value) for member in node.members]
            elif node.items is not None:
                inner = [((*pointer, index), item) for index, item in enumerate(node.items)]
            pending.extend(reversed(inner))


class Member(NamedTuple):
    """A key of an object with its value; the key's span includes its quotes."""

    key: str
    key_span: Span
    value: Node


def format_pointer(pointer: Pointer) -> str:
    """Return a pointer in the notation of RFC 6901: ``/variants/0/path``; the root is empty."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


def find(root: Node, pointer: Pointer) -> tuple[Node, Member | None]:
    """Return the node at `pointer`, or the nearest one above it that exists, and its key where it has one."""
    node, member = root, None
    for part in pointer:
        if node.members is not None:
            found = node.member(part)
            if found is None:
                return node, member
            node, member = found.value, found
        elif node.items is not None and isinstance(part, int) and part < len(node.items):
            node, member = node.items[part], None
        else:
            return node, member
    return node, member


def editable(root: Node, pointer: Pointer) -> tuple[Node, Member | None] | None:
    """Return the node at exactly `pointer`, with its key, or None where it is not written there, or also elsewhere."""
    node, member = root, None
    for part in pointer:
        inner, member = find(node, (part,))
        if inner is node or inner.anchored:
            return None
        node = inner
    return node, member


def select_values(value: Any, pattern: str) -> Iterator[tuple[Pointer, Any]]:
    """Yield the values that a JSON Pointer leads to, in which ``*`` stands for every key or index."""
    found: list[tuple[Pointer, Any]] = [((), value)]
    for part in pattern.split("/")[1:]:
        inner: list[tuple[Pointer, Any]] = []
        for pointer, each in found:
            if part == "*":
                pairs = each.items() if isinstance(each, dict) else enumerate(each) if isinstance(each, list) else ()
                inner += [((*pointer, key), item) for key, item in pairs]
            elif isinstance(each, dict) and part in each:
                inner.append(((*pointer, part), each[part]))
        found = inner
    yield from found


def value_at(value: Any, pointer: Pointer) -> Any:
    """Return the value at a pointer, or None where there is none."""
    for part in pointer:
        try:
            value = value[part]
        except (TypeError, KeyError, IndexError):
            return None
    return value


def duplicate_members(root: Node) -> Iterator[tuple[Member, Member]]:
    """Yield the (first, repeated) members of objects that have a key more than once."""
    for _, node in root.walk():
        first: dict[str, Member] = {}
        for member in node.members or ():
            if member.key in first:
                yield first[member.key], member
            else:
                first[member.key] = member


def json_tokens(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the tokens of a JSON text; on damaged text, whatever looks like one."""
    for match in _TOKEN.finditer(text):
        yield match.group(), Span(*match.span())


def json_nodes(text: str) -> Node:
    """Return the syntax of a JSON text that `json.loads` has accepted."""
    root = Node(0, 0)
    holders: list[tuple[Node, tuple[str, Span] | None]] = []
    key: tuple[str, Span] | None = None
    for lexeme, span in json_tokens(text):
        if lexeme in "}]":
            node, key = holders.pop()
            node.end = span.end
        elif lexeme in "{[":
            node = Node(span.start, span.end)
            if lexeme == "{":
                node.members = []
            else:
                node.items = []
            holders.append((node, key))
            key = None
            continue
        elif lexeme in ",:":
            continue
        elif holders and holders[-1][0].members is not None and key is None:
            key = (_string(lexeme), span)
            continue
        else:
            node = Node(span.start, span.end)
        if not holders:
            root = node
        else:
            holder = holders[-1][0]
            if holder.members is not None and key is not None:
                holder.members.append(Member(key[0], key[1], node))
            elif holder.items is not None:
                holder.items.append(node)
        key = None
    return root


def _string(lexeme: str) -> str:
    value: Any = json.loads(lexeme)
    return str(value)
