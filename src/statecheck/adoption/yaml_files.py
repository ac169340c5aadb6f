"""Additions to a YAML file that somebody else wrote: text is put in, and all that is there stays, comments too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from statecheck.adoption.errors import NotEditableError
from statecheck.documents import StateDocument, parse_document

if TYPE_CHECKING:
    from statecheck.documents import Node


def parsed_yaml(path: str, text: str) -> StateDocument | None:
    """Return the mapping that a YAML file holds, or None where there is nothing but comments.

    Raises `NotEditableError`.
    """
    lines = (line.strip() for line in text.splitlines())
    if not any(line and not line.startswith("#") and line != "---" for line in lines):
        return None
    document = parse_document(path, text.encode("utf-8", "surrogatepass"), "yaml")
    assert isinstance(document, StateDocument)
    if document.problems:
        problem = document.problems[0]
        raise NotEditableError(f"it cannot be read; line {document.place(problem.span).line}: {problem.message}")
    if not isinstance(document.value, dict):
        raise NotEditableError("it is no mapping")
    return document


def with_key(path: str, text: str, key: str, block: str) -> str:
    """Return a YAML text with a key of the top level at its end; `block` is the key with its value.

    Raises `NotEditableError`.
    """
    document = parsed_yaml(path, text)
    before = {} if document is None else document.value
    gap = "\n" if text.strip() and text.strip() != "---" else ""
    made = _whole_lines(text) + _with_line_ends(gap + block, text)
    return _proven(path, made, {**before, key: _value(path, block)[key]})


def with_item(path: str, text: str, key: str, block: str) -> str:
    """Return a YAML text with an item at the end of the list that a key of the top level has; `block` is the item.

    Raises `NotEditableError`.
    """
    document = parsed_yaml(path, text)
    if document is None or key not in document.value:
        lines = "".join(f"  {line}\n" for line in block.splitlines())
        return with_key(path, text, key, f"{key}:\n{lines}")
    items = next(member.value for member in document.root.members or () if member.key == key)
    if not items.items or text[items.start : items.start + 1] == "[":
        raise NotEditableError(f"{key} is no list with an item a line")
    column = items.start - (text.rfind("\n", 0, items.start) + 1)
    end = len(text[: max(_ends(items, text))].rstrip())
    newline = text.find("\n", end)
    first, rest = (_whole_lines(text), "") if newline < 0 else (text[: newline + 1], text[newline + 1 :])
    lines = "".join(f"{' ' * column}{line}\n" for line in block.splitlines())
    made = first + _with_line_ends(lines, text) + rest
    return _proven(path, made, {**document.value, key: [*document.value[key], *_value(path, f"{key}:\n{block}")[key]]})


def _ends(node: Node, text: str) -> list[int]:
    """Return where the values end that have an end of their own: not what is only indented."""
    found = []
    for _, each in node.walk():
        found += [member.key_span.end for member in each.members or ()]
        if not (each.members or each.items) or text[each.start : each.start + 1] in ("[", "{"):
            found.append(each.end)
    return found


def _value(path: str, text: str) -> dict[str, Any]:
    document = parsed_yaml(path, text)
    return {} if document is None else document.value


def _proven(path: str, text: str, expected: dict[str, Any]) -> str:
    """Return a text that is read as expected: all that was there, and what was added. Raises `NotEditableError`."""
    if _value(path, text) != expected:
        raise NotEditableError("there is no safe place in it for more")
    return text


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + _with_line_ends("\n", text)


def _with_line_ends(lines: str, text: str) -> str:
    return lines.replace("\n", "\r\n") if "\r\n" in text else lines
