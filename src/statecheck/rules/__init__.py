"""Rules: the registry, the metadata, and what a rule may ask for. This room knows no output format and no disk."""

from statecheck.rules.model import (
    Context,
    Family,
    Fix,
    Fixer,
    Rule,
    Skipped,
    Violation,
    applies,
    at,
    fix_of,
    missing,
    on_line,
)
from statecheck.rules.registry import (
    UnknownRuleError,
    all_rules,
    families,
    fixer,
    fixers_for,
    lookup,
    rule,
    select,
)

__all__ = [
    "Context",
    "Family",
    "Fix",
    "Fixer",
    "Rule",
    "Skipped",
    "UnknownRuleError",
    "Violation",
    "all_rules",
    "applies",
    "at",
    "families",
    "fix_of",
    "fixer",
    "fixers_for",
    "lookup",
    "missing",
    "on_line",
    "rule",
    "select",
]
