"""Documents: files parsed once, with positions. Malformed input becomes a problem, never a traceback."""

from statecheck.documents.constraint_statuses import (
    CONSTRAINT_SECTION,
    ConstraintStatus,
    ConstraintStatuses,
    read_statuses,
    status_line,
)
from statecheck.documents.constraints import CHECKED_FIELDS, Constraint, Constraints, admits_field, read_constraints
from statecheck.documents.continuing import Known, Noted, continued_entries
from statecheck.documents.damage import Problem, conflict, conflict_sides
from statecheck.documents.images import image_size
from statecheck.documents.json_lines import JsonLinesDocument
from statecheck.documents.kept import kept
from statecheck.documents.log_changes import (
    Gone,
    LogChanges,
    appended_log,
    begun,
    changed_lines,
    compare_logs,
    newest_first,
)
from statecheck.documents.log_course import COUNTED, Course, Earlier
from statecheck.documents.log_fields import (
    EntryFields,
    first_word,
    is_none,
    leading_number,
    number_of,
)
from statecheck.documents.log_versions import LogVersion, RememberedLog, WrittenLog, digest, has_mark, line_end, plain
from statecheck.documents.logs import GRAMMARS, Entry, Grammar, entries, history, own_grammar
from statecheck.documents.markdown import Field, Heading, Item, Markdown
from statecheck.documents.memory_lines import (
    BOUNDARIES,
    Boundary,
    Checkpoint,
    Completion,
    MemoryLine,
    names,
    read_memory,
    words_of,
)
from statecheck.documents.model import (
    Document,
    MarkdownDocument,
    StateDocument,
    parse_document,
    read_document,
)
from statecheck.documents.nodes import Member, Node, Pointer, find, format_pointer, select_values, value_at
from statecheck.documents.past_log import go_on_from, past_of
from statecheck.documents.positions import START, Lines, Place, Span
from statecheck.documents.schema_errors import SchemaError, show
from statecheck.documents.schema_store import SchemaStore
from statecheck.documents.schemas import Schema, Unusable
from statecheck.documents.task_state import task_phases, whole_number
from statecheck.documents.templates import BRIEF_SECTIONS, DOMAINS, Plan, PlanPhase, read_plan
from statecheck.documents.timestamps import (
    NotATimestampError,
    Timestamp,
    is_before,
    is_certainly_before,
    looks_like_time,
    parse_timestamp,
    timestamp_or_none,
)
from statecheck.documents.work_log import WorkLog

__all__ = [
    "BOUNDARIES",
    "BRIEF_SECTIONS",
    "CHECKED_FIELDS",
    "CONSTRAINT_SECTION",
    "COUNTED",
    "DOMAINS",
    "GRAMMARS",
    "START",
    "Boundary",
    "Checkpoint",
    "Completion",
    "Constraint",
    "ConstraintStatus",
    "ConstraintStatuses",
    "Constraints",
    "Course",
    "Document",
    "Earlier",
    "Entry",
    "EntryFields",
    "Field",
    "Gone",
    "Grammar",
    "Heading",
    "Item",
    "JsonLinesDocument",
    "Known",
    "Lines",
    "LogChanges",
    "LogVersion",
    "Markdown",
    "MarkdownDocument",
    "Member",
    "MemoryLine",
    "Node",
    "NotATimestampError",
    "Noted",
    "Place",
    "Plan",
    "PlanPhase",
    "Pointer",
    "Problem",
    "RememberedLog",
    "Schema",
    "SchemaError",
    "SchemaStore",
    "Span",
    "StateDocument",
    "Timestamp",
    "Unusable",
    "WorkLog",
    "WrittenLog",
    "admits_field",
    "appended_log",
    "begun",
    "changed_lines",
    "compare_logs",
    "conflict",
    "conflict_sides",
    "continued_entries",
    "digest",
    "entries",
    "find",
    "first_word",
    "format_pointer",
    "go_on_from",
    "has_mark",
    "history",
    "image_size",
    "is_before",
    "is_certainly_before",
    "is_none",
    "kept",
    "leading_number",
    "line_end",
    "looks_like_time",
    "names",
    "newest_first",
    "number_of",
    "own_grammar",
    "parse_document",
    "parse_timestamp",
    "past_of",
    "plain",
    "read_constraints",
    "read_document",
    "read_memory",
    "read_plan",
    "read_statuses",
    "select_values",
    "show",
    "status_line",
    "task_phases",
    "timestamp_or_none",
    "value_at",
    "whole_number",
    "words_of",
]
