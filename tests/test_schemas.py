"""jsonschema-rs says that a document is fine; jsonschema is the reference: they must agree.

Generated documents of the bundled schemas, and generated schemas of every draft, are given to both.
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statecheck.documents import Schema, SchemaStore, StateDocument, parse_document

DRAFTS = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}
STATE_SCHEMAS = [name for name in SchemaStore.names() if name != "findings"]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "in_progress", "done", "research", "execute", "pending", "2026-01-16T10:00:00Z", "é\n"])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)
names = st.sampled_from(
    ["a", "b", "name", "path", "file", "id", "severity", "status", "phase", "phases", "max_iterations"]
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


def make_schema(value: Any) -> Schema:
    document = parse_document("x.schema.json", json.dumps(value).encode(), "json")
    assert isinstance(document, StateDocument)
    return Schema("x", "x.schema.json", document)


def agree(schema: Schema, value: Any) -> None:
    """The fast library may only say "fine" where the reference has nothing to say."""
    if schema._fast is None:
        return
    try:
        fine = schema._fast.is_valid(value)
    except (ValueError, TypeError, OverflowError):
        return
    errors = schema.errors(value)
    assert fine == (not errors), (schema.value, value, errors)


def shaped(schema: Any, root: Any) -> st.SearchStrategy[Any]:
    """Documents that nearly match a bundled schema: most fields right, some missing, some of another type."""
    if "$ref" in schema:
        return shaped(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | scalars
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        required = {name: shaped(inner, root) for name, inner in schema.get("properties", {}).items()}
        fixed = st.fixed_dictionaries({}, optional=required)
        extra = schema.get("additionalProperties")
        more = shaped(extra, root) if isinstance(extra, dict) else values
        return (
            st.builds(lambda known, other: {**other, **known}, fixed, st.dictionaries(names, more, max_size=3)) | values
        )
    if kind == "array":
        return st.lists(shaped(schema.get("items", {}), root), max_size=3) | values
    return {
        "integer": st.integers(-1, 9),
        "number": st.integers(-1, 101) | st.floats(-1, 101),
        "boolean": st.booleans(),
    }.get(kind if isinstance(kind, str) else "", scalars) | scalars


@pytest.mark.parametrize("name", STATE_SCHEMAS)
def test_bundled_schemas_take_the_fast_path(name: str) -> None:
    assert SchemaStore.bundled(name)._fast is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", STATE_SCHEMAS)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_both_agree_on_bundled_schemas(name: str, data: st.DataObject) -> None:
    schema = SchemaStore.bundled(name)
    agree(schema, data.draw(shaped(schema.value, schema.value)))


keywords = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"]),
        "enum": st.lists(scalars, min_size=1, max_size=3, unique_by=repr),
        "minimum": st.integers(-3, 3),
        "maximum": st.integers(-3, 3),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 3),
        "minItems": st.integers(0, 2),
        "maxItems": st.integers(0, 2),
        "uniqueItems": st.booleans(),
        "required": st.lists(names, min_size=1, max_size=2, unique=True),
        "additionalProperties": st.booleans(),
        "pattern": st.sampled_from(["^[a-z]+$", "^[A-Za-z0-9_.-]+$", "a", r"\d", "(a|b)+$"]),
        "multipleOf": st.sampled_from([2, 0.1]),
    },
)
schemas = st.recursive(
    keywords,
    lambda inner: st.builds(
        lambda own, more: {**own, **more},
        keywords,
        st.fixed_dictionaries(
            {},
            optional={
                "properties": st.dictionaries(names, inner, max_size=3),
                "items": inner,
                "anyOf": st.lists(inner, min_size=1, max_size=2),
                "oneOf": st.lists(inner, min_size=1, max_size=2),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "not": inner,
                "patternProperties": st.dictionaries(st.sampled_from(["^n", "s$", r"\w{5,}"]), inner, max_size=2),
            },
        ),
    ),
    max_leaves=4,
)


@pytest.mark.slow
@pytest.mark.parametrize("draft", DRAFTS)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(schema=schemas, value=values)
def test_both_agree_on_generated_schemas(draft: str, schema: dict[str, Any], value: Any) -> None:
    agree(make_schema({**schema, "$schema": DRAFTS[draft]}), value)


@pytest.mark.parametrize("draft", [*DRAFTS.values(), "http://json-schema.org/draft-03/schema#"])
def test_every_draft_is_usable(draft: str) -> None:
    schema = make_schema({"$schema": draft, "type": "object", "properties": {"a": {"type": "integer"}}})
    assert schema.unusable is None
    assert schema.is_valid({"a": 1})
    assert [each.pointer for each in schema.errors({"a": "x"})] == [("a",)]


def test_values_that_the_fast_library_cannot_hold() -> None:
    schema = make_schema({"type": "integer"})
    assert schema.is_valid(10**4000)
    assert not schema.is_valid("\ud800")


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|a)*b$", "^(?=(a+)+$)b"])
def test_patterns_take_bounded_time(pattern: str) -> None:
    schema = make_schema({"pattern": pattern})
    assert not schema.is_valid("a" * 40 + "!")
    assert len(schema.errors("a" * 40 + "!")) == 1
    named = make_schema({"patternProperties": {pattern: False}, "additionalProperties": {"type": "string"}})
    assert [each.keyword for each in named.errors({"a" * 40 + "!": 1})] == ["type"]


@pytest.mark.parametrize(
    "value",
    [
        5,
        [],
        "x",
        None,
        {"$schema": 5},
        {"$ref": "http://[x"},
        {"$id": "http://[x", "$ref": "y"},
        {"type": "nope"},
        {"pattern": "("},
    ],
)
def test_what_is_no_schema_is_said_to_be_none(value: Any) -> None:
    schema = make_schema(value)
    assert schema.unusable is not None
    assert schema.unusable.place.line == 1


def test_a_schema_that_contains_itself_ends() -> None:
    schema = make_schema({"properties": {"a": {"$ref": "#"}}, "type": "object"})
    value: Any = {}
    for _ in range(400):
        value = {"a": value}
    deep = copy.deepcopy({"a": value})
    assert schema.is_valid(deep) in (True, False)


@pytest.mark.parametrize("name", SchemaStore.names())
def test_bundled_schemas_explain_themselves(name: str) -> None:
    schema = SchemaStore.bundled(name).value
    assert schema["$schema"] == DRAFTS["2020-12"]
    assert schema["title"]
    assert schema["description"]
    if name == "findings":
        return
    for owner in [schema, *schema.get("$defs", {}).values()]:
        for field, inner in owner.get("properties", {}).items():
            assert inner.get("title") and inner.get("description"), f"{name}: {field} has no title or description"
