"""Changes to JSON and YAML documents, byte for byte: only what changes is replaced, formatting stays as it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from statecheck.documents.nodes import editable, find
from statecheck.documents.positions import Span
from statecheck.trees.edits import Replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents.model import Document, StateDocument
    from statecheck.documents.nodes import Member, Node, Pointer

_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON leaves as they are, and YAML refuses or takes for ends of lines."""


_OTHERWISE_READ = re.compile(r"(?i:y|n|yes|no|on|off)|[-+]?[\d_.:]+")
"""Words that readers of YAML 1.1 take for a truth value or a number."""


def replace(document: Document, span: Span, text: str) -> Replace:
    """Return the edit that puts `text` in the place of a span of characters."""
    start, end = document.byte_offset(span.start), document.byte_offset(span.end)
    return Replace(document.path, start, end, text.encode("utf-8"))


def set_value(document: StateDocument, pointer: Pointer, value: Any) -> Replace | None:
    """Return the edit that replaces the scalar at `pointer`, quoted as it was if that can be.

    None where it is not its own, and where the value cannot be written so that it is read back.
    """
    found = editable(document.root, pointer)
    if found is None:
        return None
    span = found[0].span
    if document.text[span.start : span.start + 1] in ("|", ">", "") or span.start == span.end:
        return None  # a block of text ends with its line, which the next key would then stand on; nothing has no place
    literals = _literals(document, value, document.text[span.start : span.end])
    fitting = (each for each in literals if _reads_back(document, pointer, value, span, each))
    literal = next(fitting, None)
    return None if literal is None else replace(document, span, literal)


def rename_key(document: StateDocument, pointer: Pointer, name: str) -> Replace | None:
    """Return the edit that gives the key at `pointer` another name, quoted as it was, or None where none is there."""
    found = editable(document.root, pointer)
    if found is None or found[1] is None:
        return None
    span = found[1].key_span
    old = document.text[span.start : span.end]
    quote = old[0] if old[0] in "\"'" else ""
    return replace(document, span, json.dumps(name, ensure_ascii=False) if quote == '"' else f"{quote}{name}{quote}")


def add_member(document: StateDocument, pointer: Pointer, name: str, value: Any) -> Replace:
    """Return the edit that adds a member at the end of the JSON object at `pointer`, laid out like the others."""
    node, _ = find(document.root, pointer)
    last = node.members[-1] if node.members else None
    colon = document.text[last.key_span.end : last.value.start] if last else ": "
    separators = (", ", ": ") if colon != ":" else (",", ":")
    text = json.dumps(name, ensure_ascii=False) + colon
    text += json.dumps(value, ensure_ascii=False, separators=separators)
    starts = (last.key_span.start, last.value.end) if last else None
    return _insert(document, node, starts, text)


def add_item(document: StateDocument, pointer: Pointer, value: Any) -> Replace:
    """Return the edit that adds an item at the end of the JSON array at `pointer`, laid out like the others."""
    node, _ = find(document.root, pointer)
    last = node.items[-1] if node.items else None
    separator = _gap(document, last) if last else " "
    text = _object_like(document, last, value, separator)
    return _insert(document, node, (last.start, last.end) if last else None, text)


def remove_member(document: StateDocument, pointer: Pointer) -> Replace:
    """Return the edit that removes a member of a JSON object with the comma that it no longer needs."""
    node, _ = find(document.root, pointer[:-1])
    members = node.members or []
    return _remove_member(
        document, members, max(index for index, each in enumerate(members) if each.key == pointer[-1])
    )


def remove_repeated_member(document: StateDocument, key_span: Span) -> Replace | None:
    """Return the edit that removes the member whose key stands at `key_span`, or None where there is none."""
    holder, index = document.member_at(key_span)
    return _remove_member(document, holder.members, index) if holder is not None and holder.members else None


def remove_item(document: StateDocument, pointer: Pointer) -> Replace:
    """Return the edit that removes an item of a JSON array with the comma that it no longer needs."""
    node, _ = find(document.root, pointer[:-1])
    spans = [item.span for item in node.items or []]
    index = int(pointer[-1])
    return _remove(document, spans[max(0, index - 1) : index + 2], min(index, 1))


def unwrap(document: StateDocument, pointer: Pointer) -> Replace:
    """Return the edit that leaves only the value at `pointer`, moved left to where the whole stood."""
    inner = document.span(pointer)
    text = document.text[inner.start : inner.end]
    last = text.rpartition("\n")[2][:-1]
    # A closing brace with a line of its own stands where the object's level begins; another says nothing about it.
    level = last if "\n" in text and not last.strip() else ""
    shifted = re.sub(rf"(\r?\n){re.escape(level)}", r"\1", text) if level else text
    return replace(document, document.root.span, shifted)


def _insert(document: StateDocument, node: Node, last: tuple[int, int] | None, text: str) -> Replace:
    if last is None:
        return replace(document, Span(node.start + 1, node.start + 1), text)
    start, end = last
    before = document.text[:start]
    spaces = before[len(before.rstrip()) :]
    if "\n" not in spaces:
        spaces = "" if before.endswith(("{", ",")) and len(node.members or node.items or ()) > 1 else " "
    return replace(document, Span(end, end), f",{spaces}{text}")


def _remove_member(document: StateDocument, members: Sequence[Member], index: int) -> Replace:
    near = members[max(0, index - 1) : index + 2]
    return _remove(document, [Span(each.key_span.start, each.value.end) for each in near], min(index, 1))


def _remove(document: StateDocument, spans: list[Span], index: int) -> Replace:
    """Return the edit that removes one of neighbouring spans, and what separates it from the others."""
    if index > 0:
        return replace(document, Span(spans[index - 1].end, spans[index].end), "")
    end = spans[1].start if len(spans) > 1 else spans[0].end
    return replace(document, Span(spans[0].start, end), "")


def _gap(document: StateDocument, item: Node) -> str:
    """Return the white space between the members of an object: a line break with its indent, or a blank."""
    members = item.members or []
    if not members:
        return " "
    start = item.start + 1
    gap = document.text[start : members[0].key_span.start]
    return gap if "\n" in gap else " "


def _object_like(document: StateDocument, model: Node | None, value: Any, gap: str) -> str:
    """Return an object written as the model item is: on one line, or a member a line."""
    if not isinstance(value, dict) or "\n" not in gap or model is None:
        return json.dumps(value, ensure_ascii=False)
    members = [f"{json.dumps(key)}: {json.dumps(each, ensure_ascii=False)}" for key, each in value.items()]
    line_end = "\r\n" if "\r\n" in gap else "\n"
    return "{" + gap + f",{gap}".join(members) + line_end + _indent(document, model.end - 1) + "}"


def _indent(document: StateDocument, offset: int) -> str:
    """Return the white space before the first character of the line that holds `offset`."""
    line = document.lines.content(document.place(Span(offset, offset)).line)
    return line[: len(line) - len(line.lstrip())]


def _literals(document: StateDocument, value: Any, old: str) -> Iterator[str]:
    """Yield how a value may be written in the place of another: first as that was quoted."""
    if not document.path.endswith(".json") and isinstance(value, str):
        if old[:1] == "'":
            yield "'" + value.replace("'", "''") + "'"
        elif old[:1] != '"' and not _OTHERWISE_READ.fullmatch(value):
            yield value
    yield _UNPRINTED.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(value, ensure_ascii=False))
    yield json.dumps(value)


def _reads_back(document: StateDocument, pointer: Pointer, value: Any, span: Span, literal: str) -> bool:
    """Say whether a value that is written so is read as itself; in YAML that depends on what stands around it."""
    if document.path.endswith(".json"):
        return True
    from statecheck.documents.yaml_source import parse_yaml

    read, _, _ = parse_yaml(document.text[: span.start] + literal + document.text[span.end :])
    for part in pointer:
        inside = part in read if isinstance(read, dict) else isinstance(read, list) and part in range(len(read))
        if not inside:
            return False
        read = read[part]
    return type(read) is type(value) and bool(read == value)
