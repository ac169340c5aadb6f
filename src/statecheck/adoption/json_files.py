"""Additions to a JSON file that somebody else wrote: all that is there stays as it is, to the byte."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from statecheck.adoption.errors import NotEditableError
from statecheck.documents import StateDocument, find, parse_document
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from statecheck.documents import Node, Pointer


WIDTH = 90
"""Characters of the longest value that is written on one line."""


class Addition(NamedTuple):
    """A value that is missing at the end of an object, under a key, or at the end of an array."""

    pointer: Pointer
    key: str | None
    value: Any


def with_additions(path: str, text: str, missing: Callable[[Any], Addition | None]) -> str:
    """Return a JSON text with all that `missing` names, one after the other, of the value as it then is.

    Raises `NotEditableError`, which `missing` may raise, too.
    """
    document = _parsed(path, text)
    while (addition := missing(document.value)) is not None:
        text = _added(document, addition)
        document = _parsed(path, text)
    return text


def pretty(value: Any, unit: str = "  ") -> str:
    """Return a value as JSON: what is short on one line, else a member or item a line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) <= WIDTH or not isinstance(value, dict | list):
        return flat
    if isinstance(value, dict):
        lines = [f"{json.dumps(key, ensure_ascii=False)}: {pretty(each, unit)}" for key, each in value.items()]
    else:
        lines = [pretty(each, unit) for each in value]
    inner = f"\n{unit}"
    body = ",\n".join(lines).replace("\n", inner)
    return f"{{{inner}{body}\n}}" if isinstance(value, dict) else f"[{inner}{body}\n]"


def _parsed(path: str, text: str) -> StateDocument:
    document = parse_document(path, text.encode("utf-8", "surrogatepass"), "json")
    assert isinstance(document, StateDocument)
    if document.problems:
        problem = document.problems[0]
        line = document.place(problem.span).line
        raise NotEditableError(f"from line {line} on it is not plain JSON, and an edit could lose comments")
    if not isinstance(document.value, dict):
        raise NotEditableError("it is no JSON object")
    return document


def _added(document: StateDocument, addition: Addition) -> str:
    """Return the text with a value added, laid out like what is there."""
    text = document.text
    node, _ = find(document.root, addition.pointer)
    line_end = "\r\n" if "\r\n" in text else "\n"
    unit = _unit(text)
    last = _last(node)
    start = text.rfind("\n", 0, last[0] if last else node.start) + 1
    spaces = re.match(r"[ \t]*", text[start:])
    indent = spaces.group() if spaces else ""
    head = "" if addition.key is None else f"{json.dumps(addition.key, ensure_ascii=False)}: "
    if last is None:
        inner = indent + unit
        lines = _laid_out(head, addition.value, unit, inner, line_end)
        return f"{text[: node.start + 1]}{line_end}{inner}{lines}{line_end}{indent}{text[node.end - 1 :]}"
    if text[start : last[0]].strip():  # all on one line
        lines = head + json.dumps(addition.value, ensure_ascii=False)
        return f"{text[: last[1]]}, {lines}{text[last[1] :]}"
    lines = _laid_out(head, addition.value, unit, indent, line_end)
    return f"{text[: last[1]]},{line_end}{indent}{lines}{text[last[1] :]}"


def _last(node: Node) -> tuple[int, int] | None:
    """Return where the last member or item begins and ends."""
    if node.members:
        return node.members[-1].key_span.start, node.members[-1].value.end
    return (node.items[-1].start, node.items[-1].end) if node.items else None


def _laid_out(head: str, value: Any, unit: str, indent: str, line_end: str) -> str:
    return (head + pretty(value, unit)).replace("\n", line_end + indent)


def _unit(text: str) -> str:
    """Return what a level is indented by: what the first indented line has."""
    found = re.search(r"\n([ \t]+)\S", text)
    return found.group(1) if found else "  "
