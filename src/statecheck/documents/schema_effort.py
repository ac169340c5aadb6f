"""How much work a project's own schema may make.

References and alternatives can double the work at every step, so that a schema of a few lines keeps any validator busy
for years. The fast library cannot be interrupted: it gets what is sure to be cheap. The other one counts its steps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_STEPS = 100_000
"""Keywords that are compared with values before a comparison is given up: some seconds."""

MAX_PRODUCT = 10**9
"""Size of a schema, its references followed, times the size of a value, up to which a comparison is cheap."""

_HEAVY = re.compile(r"\{|\(\?[^:]|\\[1-9k]")
"""What makes a pattern cost more than its length: counting, looking around, and references back."""


class EffortError(Exception):
    """A comparison was given up."""


class Effort:
    """The steps that are left to a comparison."""

    def __init__(self) -> None:
        self._left = MAX_STEPS

    def start(self) -> None:
        """Begin a comparison."""
        self._left = MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        """Take steps. Raises `EffortError` where none is left."""
        self._left -= steps
        if self._left < 0:
            raise EffortError


def with_bounded_effort(validator_class: Any, effort: Effort) -> Any:
    """Return a validator class of jsonschema whose keywords take a step each; to match patterns takes many."""
    import jsonschema

    def counted(name: str, keyword: Callable[..., Any]) -> Callable[..., Any]:
        def compare(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
            effort.spend(1 + _matching(name, value, instance, schema))
            return keyword(validator, value, instance, schema)

        return compare

    keywords = {name: counted(name, keyword) for name, keyword in validator_class.VALIDATORS.items()}
    return jsonschema.validators.extend(validator_class, keywords)  # type: ignore[no-untyped-call]


def _matching(name: str, value: Any, instance: Any, schema: Any) -> int:
    """Return the steps that it takes to match the patterns of a keyword with a string, or the names of an object."""
    if name == "pattern":
        return _steps([value], [instance]) if isinstance(instance, str) else 0
    if name not in ("patternProperties", "additionalProperties") or not isinstance(instance, dict):
        return 0
    patterns = schema.get("patternProperties", {})
    return _steps(list(patterns), list(instance)) if isinstance(patterns, dict) else 0


def _steps(patterns: list[Any], texts: list[str]) -> int:
    length = sum(map(len, texts))
    return sum(100 * len(texts) + 10 * length if _HEAVY.search(str(each)) else length for each in patterns)


def is_cheap(schema: Any, value: Any) -> bool:
    """Say whether a value is sure to be compared with a schema in no time, whatever is in both."""
    size = _expanded(schema, schema, {})
    return size is not None and size * _size(value) <= MAX_PRODUCT


def _size(value: Any) -> int:
    """Return the number of values within a value, and of characters in its strings."""
    return sum(1 + (len(each) if isinstance(each, str) else 0) for each in _within(value))


def _within(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        each = pending.pop()
        yield each
        if isinstance(each, dict):
            pending.extend(each)
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)


def _expanded(schema: Any, root: Any, known: dict[int, int | None]) -> int | None:
    """Return the size of a schema with every reference replaced by what it leads to.

    None where that has no end, leads out of the document, or where a pattern may cost more than its length.
    """
    if not isinstance(schema, dict | list):
        return _size(schema)
    if id(schema) in known:
        return known[id(schema)]
    known[id(schema)] = None  # until it is known: to come back to it has no end
    inner = list(schema)
    if isinstance(schema, dict):
        if not _is_plain(schema):
            return None
        inner += schema.values()
        if "$ref" in schema:
            inner.append(_target(root, schema["$ref"]))
    sizes = [_expanded(each, root, known) for each in inner]
    known[id(schema)] = None if None in sizes else 1 + sum(size for size in sizes if size is not None)
    return known[id(schema)]


def _is_plain(schema: dict[str, Any]) -> bool:
    """Say whether a schema refers to nothing but its own document, and has no pattern that costs much."""
    if not {"$dynamicRef", "$recursiveRef"}.isdisjoint(schema) or not str(schema.get("$ref", "#/")).startswith("#/"):
        return False
    named = schema.get("patternProperties")
    patterns = [schema.get("pattern", ""), *(named if isinstance(named, dict) else ())]
    return not any(_HEAVY.search(str(each)) for each in patterns)


def _target(root: Any, reference: str) -> Any:
    """Return what a JSON Pointer within a document leads to; where it leads nowhere the library has said so."""
    from urllib.parse import unquote

    found = root
    for part in unquote(reference)[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            found = dict(zip(map(str, range(len(found))), found, strict=True)).get(key)
        else:
            found = found.get(key) if isinstance(found, dict) else None
    return found
