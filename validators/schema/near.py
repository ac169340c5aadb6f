"""Near misses: what a value or a key that does not fit its schema was surely, or perhaps, meant to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from statecheck.documents import Span, show
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.documents import Pointer, Schema, SchemaError, StateDocument


class Near(NamedTuple):
    """A near miss with one reading: what to say, where, and what the fixer needs."""

    words: str
    facts: dict[str, Any]
    span: Span
    pointer: Pointer


def near_key(document: StateDocument, schema: Schema, error: SchemaError, outer: Pointer) -> Near | None:
    """Return the key that is a documented one in another spelling, where exactly one is."""
    if error.extra is None or not isinstance(error.instance, dict):
        return None
    declared = schema.property_names(error.pointer)
    if error.keyword == "required":
        found = [key for key in error.instance if key not in declared and folded(key) == folded(error.extra)]
        wrong, right = (found[0] if len(found) == 1 else None), error.extra
    else:
        names = [name for name in declared if name not in error.instance and folded(name) == folded(error.extra)]
        wrong, right = error.extra, names[0] if len(names) == 1 else ""
    if not wrong or not right:
        return None
    pointer = (*outer, *error.pointer, wrong)
    words = f"{wrong} is there: did you mean {right}?"
    return Near(words, {"rename": (pointer, right)}, document.key_span(pointer), pointer)


def near_value(document: StateDocument, error: SchemaError, outer: Pointer) -> Near | None:
    """Return the allowed value that a value is another spelling of, where exactly one is."""
    value: Any = None
    if error.keyword == "enum" and isinstance(error.instance, str):
        found = [each for each in error.expected if isinstance(each, str) and folded(each) == folded(error.instance)]
        value = found[0] if len(found) == 1 else None
    elif error.keyword == "type" and isinstance(error.instance, str):
        value = _unquoted(error.instance, [error.expected] if isinstance(error.expected, str) else error.expected)
    if value is None:
        return None
    pointer = (*outer, *error.pointer)
    facts = {"value": (pointer, value)}
    return Near(f"did you mean {show(value)}?", facts, document.span(pointer), pointer)


def _unquoted(text: str, types: Iterable[str]) -> int | bool | None:
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", text) and {"integer", "number"} & set(types):
        return int(text)
    return {"true": True, "false": False}.get(text) if "boolean" in types else None


def suggestion(error: SchemaError) -> str | None:
    """Return a guess for a person, where the reading is not certain enough for a fix."""
    from difflib import get_close_matches

    if error.keyword == "enum" and isinstance(error.instance, str):
        near = get_close_matches(error.instance, [each for each in error.expected if isinstance(each, str)], 1)
        return f"did you mean {near[0]}?" if near else None
    if error.extra is not None and error.keyword == "required":
        near = get_close_matches(error.extra, [str(key) for key in error.instance], 1, 0.75)
        return f"{near[0]} is there: did you mean {error.extra}?" if near else None
    if error.extra is not None and error.keyword == "additionalProperties":
        near = get_close_matches(error.extra, list(error.expected), 1, 0.75)
        return f"did you mean {near[0]}?" if near else None
    return None


def folded(name: str) -> str:
    """Return a name without what separates its words, and without case."""
    return re.sub(r"[-_\s]", "", name).lower()
