"""Fixes for S101 and S102: make a document readable again without losing what was in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.documents.positions import Span
from statecheck.documents.rewriting import remove_repeated_member, replace
from statecheck.rules import Fix, fix_of, fixer
from statecheck.trees.edits import Write

if TYPE_CHECKING:
    from statecheck.documents.nodes import Node
    from statecheck.rules import Context, Violation
    from statecheck.trees.edits import Replace
    from statecheck.workspaces import View


@fixer("S101", "safe")
def remove_byte_order_mark(violation: Violation, _: View, __: Context) -> Fix | None:
    """Remove the three bytes that no reader needs (persist.md, Rule 3)."""
    if violation.document is None or (violation.facts or {}).get("kind") != "bom":
        return None
    return Fix("remove the byte order mark", (replace(violation.document, Span(0, 1), ""),))


@fixer("S101", "unsafe")
def restore_readable_version(violation: Violation, _: View, context: Context) -> Fix | None:
    """Bring the last readable version back from the base (persistence-architecture.md, Write Protocol)."""
    before = context.before
    spec = before.spec_of(violation.path) if before is not None else None
    if before is None or spec is None:
        return None
    good = next((each for each in before.documents(spec.role) if each.path == violation.path), None)
    content = before.restorable(violation.path)
    if good is None or not good.usable or content is None:
        return None
    return Fix(f"restore the version of {before.tree.label}", (Write(violation.path, content),))


@fixer("S102", "unsafe")
def keep_the_last(violation: Violation, _: View, __: Context) -> Fix | None:
    """Remove the first of two equal keys: readers use the last (persist.md, Rule 3)."""
    document, facts = violation.document, violation.facts or {}
    if not isinstance(document, StateDocument):
        return None
    holder, index = document.member_at(facts["first"])
    if holder is None or not holder.members:
        return None
    opening = document.text[holder.start : holder.members[0].key_span.start]
    braces = "{" in opening and document.text[holder.end - 1] == "}"
    removal = remove_repeated_member(document, facts["first"]) if braces else _remove_lines(document, holder, index)
    return fix_of("keep the last of the two keys", removal)


def _remove_lines(document: StateDocument, holder: Node, index: int) -> Replace | None:
    """Return the edit that removes a member of a YAML mapping that is written without braces.

    The comment at the end of its last line goes with it; comments on lines of their own stay.
    """
    members = holder.members or []
    key, text, following = members[index].key_span, document.text, members[index + 1].key_span.start
    line_start = text.rfind("\n", 0, key.start) + 1
    line_end = text.find("\n", _content_end(text, members[index].value)) + 1
    if not line_start < line_end <= following:
        return None  # another member stands on the same line
    if not text[line_start : key.start].strip():
        return replace(document, Span(line_start, line_end), "")
    # After the dash of a list item: the next member takes the place, unless a comment stands between.
    return None if text[line_end:following].strip() else replace(document, Span(key.start, following), "")


def _content_end(text: str, node: Node) -> int:
    """Return where a YAML value ends, without the blank and comment lines that its parser counts as part of it."""
    inner = [member.value for member in node.members or ()] or node.items
    if inner and text[node.start] not in "{[":
        return _content_end(text, inner[-1])
    return node.start + len(text[node.start : node.end].rstrip())
