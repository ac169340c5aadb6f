"""What jsonschema says, in words that a person can act on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents.nodes import Pointer


class SchemaError(NamedTuple):
    """One violated constraint: where in the value, by which keyword, and what that keyword asked for."""

    pointer: Pointer
    keyword: str
    message: str
    expected: Any
    instance: Any
    extra: str | None = None
    """The name concerned: the missing key of ``required``, the key that ``additionalProperties`` refuses."""


def explain(error: Any) -> Iterator[SchemaError]:
    """Yield what an error of jsonschema says: one violation for each name concerned, the nearest cause first."""
    if error.context:
        error = _nearest(error)
    pointer = tuple(error.absolute_path)
    expected, instance = error.validator_value, error.instance
    if error.validator == "required" and isinstance(instance, dict) and isinstance(expected, list):
        missing = next((each for each in expected if error.message.startswith(f"{each!r} is a required")), None)
        yield SchemaError(pointer, "required", f"{missing} is missing", expected, instance, missing)
    elif error.validator == "additionalProperties" and expected is False and isinstance(instance, dict):
        declared = error.schema.get("properties", {})
        for name in instance:
            if name not in declared and repr(name) in error.message:
                message = f"{name} is not allowed here"
                yield SchemaError(pointer, "additionalProperties", message, declared, instance, name)
    else:
        name = instance if "propertyNames" in error.absolute_schema_path and isinstance(instance, str) else None
        yield SchemaError(pointer, str(error.validator), _message(error), expected, instance, name)


def _nearest(error: Any) -> Any:
    """Return the cause of a failed alternative that comes closest to the value, or the error itself on a tie."""
    from jsonschema.exceptions import best_match

    missing = [cause for cause in error.context if cause.validator == "required"]
    if len(missing) == len(error.context):
        return missing[0]
    return best_match(iter([error])) or error


def _message(error: Any) -> str:
    shown = show(error.instance)
    expected = error.validator_value
    if error.validator == "type":
        words = expected if isinstance(expected, str) else " or ".join(map(str, expected))
        return f"is {shown}; expected {_article(words)}"
    if error.validator == "enum":
        return f"is {shown}; expected one of {', '.join(show(each) for each in expected)}"
    if error.validator == "const":
        return f"is {shown}; expected {show(expected)}"
    if error.validator in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        bound = "at least" if "inimum" in error.validator else "at most"
        strict = {"exclusiveMinimum": "more than", "exclusiveMaximum": "less than"}
        return f"is {shown}; expected {strict.get(error.validator, bound)} {expected}"
    if error.validator in ("minLength", "minItems", "minProperties") and expected == 1:
        return "is empty"
    if error.validator in ("anyOf", "oneOf") and error.context:
        causes = dict.fromkeys(_message(cause) for cause in error.context)
        return shorten(" or ".join(causes).replace(f" or is {shown}; expected", " or"), 300)
    return shorten(error.message)


def show(value: Any) -> str:
    """Return a value as it would be written in JSON, short enough for a message."""
    if isinstance(value, str) and len(value) > 100:
        value = f"{value[:97]}..."
    if isinstance(value, dict):
        return (
            f"an object with {len(value)} keys"
            if len(value) != 1
            else f"an object with the key {show(next(iter(value)))}"
        )
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return shorten(json.dumps(value, ensure_ascii=False))


def _article(words: str) -> str:
    if words == "null":
        return words
    return f"an {words}" if words[0] in "aeiou" else f"a {words}"


def shorten(text: str, limit: int = 160) -> str:
    """Return `text`, cut to `limit` characters where it is longer."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
