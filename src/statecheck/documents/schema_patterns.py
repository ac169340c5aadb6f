"""Regular expressions of schemas, and what is repeated in a list, decided in bounded time and alike for both libraries.

jsonschema uses Python's engine, which a pattern such as ``^(a+)+$`` can keep busy for years. Patterns are therefore
decided by jsonschema-rs: by its linear engine, and those with look-around by one that gives up after some steps.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 2**21
"""Memory of the largest automaton that a pattern may become."""

MAX_STEPS = 100_000
"""Steps back that a pattern with look-around may take before it counts as not matching."""


def with_bounded_patterns(validator_class: Any) -> Any:
    """Return a validator class of jsonschema that decides patterns in bounded time."""
    import jsonschema

    keywords = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items,
    }
    return jsonschema.validators.extend(validator_class, keywords)  # type: ignore[no-untyped-call]


@cache
def _repeats() -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for({"uniqueItems": True})


def _unique_items(validator: Any, wanted: Any, instance: Any, _: Any) -> Iterator[Any]:
    """Decide what jsonschema compares pair by pair."""
    from jsonschema import ValidationError

    if wanted and validator.is_type(instance, "array") and not _repeats().is_valid(instance):
        yield ValidationError(f"{instance!r} has non-unique elements")


@cache
def _decider(pattern: str) -> Any:
    import jsonschema_rs

    schema = {"pattern": pattern}
    try:
        return jsonschema_rs.validator_for(schema, pattern_options=jsonschema_rs.RegexOptions(size_limit=MAX_BYTES))
    except ValueError:
        options = jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_STEPS, size_limit=MAX_BYTES)
        return jsonschema_rs.validator_for(schema, pattern_options=options)


def matches(pattern: Any, text: str) -> bool:
    """Say whether a pattern is found in a text; what is no pattern is found nowhere."""
    try:
        return isinstance(pattern, str) and bool(_decider(pattern).is_valid(text))
    except ValueError:
        return False


def _pattern(validator: Any, pattern: Any, instance: Any, _: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, schema in patterns.items():
        for name, value in instance.items():
            if matches(pattern, name):
                yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not validator.is_type(instance, "object"):
        return
    patterns = schema.get("patternProperties", {})
    declared = schema.get("properties", {})
    extra = [name for name in instance if name not in declared and not any(matches(each, name) for each in patterns)]
    if validator.is_type(allowed, "object"):
        for name in extra:
            yield from validator.descend(instance[name], allowed, path=name)
    elif not allowed and extra:
        names = ", ".join(repr(name) for name in extra)
        yield ValidationError(f"Additional properties are not allowed ({names} unexpected)")
