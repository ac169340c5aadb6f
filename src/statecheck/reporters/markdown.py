"""Markdown for people: what a pull request or the summary page of a job shows.

What a checked file says stands in code spans, where nothing is a link, an image, a mention or HTML. No pipe is written
there, since it would end a cell of the table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape
from statecheck.reporters.summary import by_workspace, counts, gaps, nothing, offer, plural, summary
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.findings import Finding, Report
    from statecheck.reporters.presentation import Presentation

LIMIT = 65_000
"""Characters: a comment on GitHub may have 65,536. The summary of a job may have sixteen times as many."""

OPEN = 10
"""Findings of a workspace that are shown without a click."""

_HEAD = ("| | rule | where | what | fix |", "|---|---|---|---|---|")
_CLOSING = 400
"""Characters that are kept for what comes after a table that was cut."""


class _Table(NamedTuple):
    """A table of findings, folded away where `label` is given."""

    label: str
    rows: Sequence[str]


def markdown_text(report: Report, presentation: Presentation) -> str:
    """Return the report as a page of bounded length; where it is cut, it says so."""
    verdict = {"pass": "passed", "fail": "failed", "unverified": "could not be verified"}[presentation.verdict]
    lines = [f"### statecheck: {verdict}", "", _code(summary(report))]
    lines += ["", f"{words[0].upper()}{words[1:]}."] if (words := nothing(report)) else []
    room = LIMIT - sum(len(line) + 1 for line in lines) - _CLOSING
    left_out = 0
    for heading, tables in _sections(report):
        cost = len(heading) + 2
        if room < cost:
            left_out += sum(len(table.rows) for table in tables)
            continue
        lines += ["", heading]
        room -= cost
        for table in tables:
            shown = list(_fitting(table, room))
            left_out += len(table.rows) - len(shown)
            block = _block(table, shown) if shown else []
            lines += block
            room -= sum(len(line) + 1 for line in block)
    if left_out:
        lines += ["", f"{plural(left_out, 'row')} did not fit here; `check-state` shows all of them."]
    return "\n".join(lines)


def _sections(report: Report) -> Iterator[tuple[str, list[_Table]]]:
    missing = gaps(report)
    if missing:
        rows = [
            f"| unverified | {', '.join(gap.codes)} | {_code(gap.path)} | {_code(gap.reason)} | |" for gap in missing
        ]
        yield f"#### Not verified: {plural(len(missing), 'reason')}", _tables(rows, "reasons")
    for folder, found in by_workspace(report).items():
        loud = [_row(each) for each in found if each.severity != "info"]
        notes = [_row(each) for each in found if each.severity == "info"]
        tables = _tables(loud, "findings")
        if notes:
            tables.append(_Table(plural(len(notes), "note"), notes))
        yield f"#### {_code(folder or '.')}: {counts(found)}", tables


def _tables(rows: Sequence[str], noun: str) -> list[_Table]:
    """Return the rows in the open, and what is too much for that behind a click."""
    tables = [_Table("", rows[:OPEN])] if rows else []
    if len(rows) > OPEN:
        tables.append(_Table(f"{len(rows) - OPEN} more {noun}", rows[OPEN:]))
    return tables


def _fitting(table: _Table, room: int) -> Iterator[str]:
    room -= sum(len(line) + 1 for line in _block(table, []))
    for row in table.rows:
        room -= len(row) + 1
        if room < 0:
            return
        yield row


def _block(table: _Table, rows: Sequence[str]) -> list[str]:
    lines = ["", *_HEAD, *rows]
    return ["", f"<details><summary>{table.label}</summary>", *lines, "", "</details>"] if table.label else lines


def _row(finding: Finding) -> str:
    severity = "note" if finding.severity == "info" else finding.severity
    place = f"{finding.path.removeprefix(f'{finding.workspace}/')}:{finding.line}"
    what = "<br>".join(_code(each) for each in (finding.message, finding.hint) if each)
    words = offer(finding)
    return f"| {severity} | {finding.code} {finding.name} | {_code(place)} | {what} | {_code(words or '')} |"


def _code(text: str) -> str:
    """Return `text` in code spans, with a character entity in the place of each pipe."""
    return "&#124;".join(_span(piece) for piece in escape(text).split("|"))


def _span(text: str) -> str:
    if not text.strip():
        return text
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
