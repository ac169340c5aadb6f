"""Findings and verdicts as plain tuples, and back: a file holds nothing else."""

from __future__ import annotations

from typing import Any

from statecheck.findings import Acceptance, Change, Finding, FixNote, Related, Report, Unverified


def plain(value: Any) -> Any:
    """Return a value with plain tuples in the place of named ones, all the way down."""
    if isinstance(value, tuple):
        return tuple([plain(each) for each in value])
    return value


def finding(row: tuple[Any, ...]) -> Finding:
    """Return the finding that a plain tuple was made of."""
    made = Finding(*row)
    fix = made.fix and FixNote(*made.fix)
    return made._replace(
        related=tuple(Related(*each) for each in made.related),
        fix=fix and fix._replace(changes=tuple(Change(*each) for each in fix.changes)),
    )


def report(row: tuple[Any, ...]) -> Report:
    """Return the report that a plain tuple was made of."""
    made = Report(*row)
    return made._replace(
        findings=tuple(map(finding, made.findings)),
        unverified=tuple(Unverified(*each) for each in made.unverified),
        acceptance=made.acceptance and Acceptance(*made.acceptance),
    )
