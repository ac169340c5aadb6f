"""YAML with the position of every value. Read by ruamel.yaml; timestamps stay strings as written."""

from __future__ import annotations

import re
from typing import Any

from statecheck.documents.damage import Problem
from statecheck.documents.nodes import Member, Node, duplicate_members
from statecheck.documents.positions import Span

MAX_VALUES = 100_000
"""Values that a document may have once its aliases are followed."""

MAX_DEPTH = 200
"""Levels of nesting that are read."""

MAX_DIGITS = 3500
"""Digits of the longest whole number: if they are hexadecimal, readers still accept its decimal ones."""

_PREFIX = "tag:yaml.org,2002:"
_WORDS = {"true": True, "false": False}


class _DamagedError(Exception):
    def __init__(self, start: int, message: str) -> None:
        super().__init__(message)
        self.start = start


def parse_yaml(text: str) -> tuple[Any, Node, list[Problem]]:
    """Return the value of a YAML text, its syntax, and its problems; the value is None with a problem S101."""
    nothing = Node(0, 0)
    deep = _bracket_depth(text)
    if deep is not None:
        return (
            None,
            nothing,
            [Problem("S101", Span(deep, deep + 1), f"nested deeper than {MAX_DEPTH} levels")],
        )
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        composed = YAML(typ="rt", pure=True).compose(text)
        root, value = _Reader().read(composed)
    except _DamagedError as error:
        return None, nothing, [Problem("S101", Span(error.start, error.start + 1), str(error))]
    except RecursionError:
        return None, nothing, [Problem("S101", Span(0, 1), f"nested deeper than {MAX_DEPTH} levels")]
    except ReaderError as error:
        where = Span(error.position, error.position + 1)
        return None, nothing, [Problem("S101", where, f"character U+{error.character:04X} is not allowed in YAML")]
    except MarkedYAMLError as error:
        return None, nothing, [_syntax_problem(text, error)]
    repeated = [
        Problem(
            "S102",
            again.key_span,
            f"key {again.key!r} is there twice; readers keep one and lose the other",
            "keep one of the two",
            related=first.key_span,
            kind="duplicate",
        )
        for first, again in duplicate_members(root)
    ]
    return value, root, repeated


def _syntax_problem(text: str, error: Any) -> Problem:
    """Return the problem of a text that is no YAML; what is never closed is shown where it was opened."""
    mark, words = error.problem_mark or error.context_mark, error.problem or error.context
    if mark is not None and mark.index >= len(text.rstrip()) and error.context_mark is not None:
        mark, words = error.context_mark, f"{error.context}, the file ends: truncated?"
    at = mark.index if mark is not None else 0
    return Problem("S101", Span(at, at + 1), f"not valid YAML: {words}", "finish or restore the document")


def _bracket_depth(text: str) -> int | None:
    """Return where brackets are nested absurdly deep: the scanner's time grows with the square of that depth."""
    depth = 0
    for match in re.finditer(r"[\[{\]}]", text):
        depth += 1 if match.group() in "[{" else -1
        if depth > 2 * MAX_DEPTH:  # some may be in strings
            return match.start()
    return None


class _Reader:
    """Turns ruamel's nodes into this project's, and into plain values; aliases share one value."""

    def __init__(self) -> None:
        self._done: dict[int, tuple[Node, Any, int]] = {}
        self._open: set[int] = set()

    def read(self, composed: Any) -> tuple[Node, Any]:
        if composed is None:
            raise _DamagedError(0, "the file is empty: no YAML value")
        node, value, _ = self._node(composed, 0)
        return node, value

    def _node(self, composed: Any, depth: int) -> tuple[Node, Any, int]:
        key = id(composed)
        if key in self._done:
            return self._done[key]
        start = composed.start_mark.index
        if key in self._open:
            raise _DamagedError(start, "this value contains itself through an alias")
        if depth > MAX_DEPTH:
            raise _DamagedError(start, f"nested deeper than {MAX_DEPTH} levels")
        self._open.add(key)
        node = Node(start, composed.end_mark.index)
        node.anchored = composed.anchor is not None
        if composed.id == "mapping":
            value, count = self._mapping(composed, node, depth)
        elif composed.id == "sequence":
            value, count = self._sequence(composed, node, depth)
        else:
            value, count = _scalar(composed), 1
        if count > MAX_VALUES:
            raise _DamagedError(start, f"aliases expand to more than {MAX_VALUES} values")
        self._open.discard(key)
        self._done[key] = node, value, count
        return self._done[key]

    def _mapping(self, composed: Any, node: Node, depth: int) -> tuple[Any, int]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        count = 1
        node.members = []
        for key_node, value_node in composed.value:
            if key_node.id != "scalar":
                raise _DamagedError(key_node.start_mark.index, "a mapping key must be a word or a number here")
            inner, value, inner_count = self._node(value_node, depth + 1)
            count += inner_count
            if key_node.tag == f"{_PREFIX}merge":
                for source in value if isinstance(value, list) else [value]:
                    merged = (source if isinstance(source, dict) else {}) | merged
                continue
            span = Span(key_node.start_mark.index, key_node.end_mark.index)
            node.members.append(Member(str(key_node.value), span, inner))
            own[str(key_node.value)] = value
        return merged | own, count

    def _sequence(self, composed: Any, node: Node, depth: int) -> tuple[Any, int]:
        node.items = []
        values = []
        count = 1
        for each in composed.value:
            inner, value, inner_count = self._node(each, depth + 1)
            count += inner_count
            node.items.append(inner)
            values.append(value)
        return values, count


def _scalar(composed: Any) -> Any:
    text = str(composed.value)
    kind = str(composed.tag).removeprefix(_PREFIX)
    if kind == "null":
        return None
    if kind == "bool":
        return _WORDS.get(text.lower(), text)
    if kind == "int":
        return _integer(composed, text.replace("_", ""))
    if kind == "float":
        return _real(composed, text.replace("_", ""))
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _DamagedError(composed.start_mark.index, "half of a surrogate pair in this string: it is no Unicode text")
    return text


def _integer(composed: Any, text: str) -> int | str:
    if len(text) > MAX_DIGITS:
        raise _DamagedError(composed.start_mark.index, f"a number of {len(text)} digits")
    try:
        return int(text, 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
    except ValueError:
        return text


def _real(composed: Any, text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        raise _DamagedError(composed.start_mark.index, f"{text} is no number that other readers understand")
    return value
