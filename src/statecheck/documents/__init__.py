"""Documents: files parsed once, with positions. Malformed input becomes a problem, never a traceback."""

from statecheck.documents.damage import Problem, conflict, conflict_sides
from statecheck.documents.logs import GRAMMARS, Entry, entries
from statecheck.documents.markdown import Field, Heading, Item, Markdown
from statecheck.documents.model import (
    Document,
    MarkdownDocument,
    StateDocument,
    parse_document,
    read_document,
)
from statecheck.documents.nodes import Member, Node, Pointer, find, format_pointer, select_values
from statecheck.documents.positions import START, Lines, Place, Span
from statecheck.documents.rewriting import (
    add_item,
    add_member,
    remove_item,
    remove_member,
    remove_repeated_member,
    rename_key,
    replace,
    set_value,
    unwrap,
)
from statecheck.documents.schema_errors import SchemaError, show
from statecheck.documents.schema_store import SchemaStore
from statecheck.documents.schemas import Schema, Unusable
from statecheck.documents.templates import BRIEF_SECTIONS, Plan, PlanPhase, read_plan
from statecheck.documents.timestamps import (
    NotATimestampError,
    Timestamp,
    is_before,
    looks_like_time,
    parse_timestamp,
    timestamp_or_none,
)

__all__ = [
    "BRIEF_SECTIONS",
    "GRAMMARS",
    "START",
    "Document",
    "Entry",
    "Field",
    "Heading",
    "Item",
    "Lines",
    "Markdown",
    "MarkdownDocument",
    "Member",
    "Node",
    "NotATimestampError",
    "Place",
    "Plan",
    "PlanPhase",
    "Pointer",
    "Problem",
    "Schema",
    "SchemaError",
    "SchemaStore",
    "Span",
    "StateDocument",
    "Timestamp",
    "Unusable",
    "add_item",
    "add_member",
    "conflict",
    "conflict_sides",
    "entries",
    "find",
    "format_pointer",
    "is_before",
    "looks_like_time",
    "parse_document",
    "parse_timestamp",
    "read_document",
    "read_plan",
    "remove_item",
    "remove_member",
    "remove_repeated_member",
    "rename_key",
    "replace",
    "select_values",
    "set_value",
    "show",
    "timestamp_or_none",
    "unwrap",
]
