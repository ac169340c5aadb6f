"""Text for people: each finding with its source lines and a caret; and one line a finding, the concise format."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.reporters.escape import disarm, escape
from statecheck.reporters.summary import by_workspace, counts, gaps, nothing, offer, plural, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.findings import Finding, Report

WIDTH = 120
"""Characters of a source line that are shown around what is wrong."""

_COLORS = {"error": "31", "warning": "33", "info": "36", "bold": "1", "dim": "2", "added": "32"}


class Paint:
    """Colours, or none."""

    def __init__(self, *, enabled: bool) -> None:
        self.enabled = enabled

    def __call__(self, style: str, text: str) -> str:
        """Return `text` in a style: a severity, ``bold``, ``dim`` or ``added``."""
        return f"\x1b[{_COLORS[style]}m{text}\x1b[0m" if self.enabled else text


def text_lines(report: Report, paint: Paint, *, verbose: bool = False) -> Iterator[str]:
    """Yield the text format: by workspace, where several have findings.

    Notes about old entries are only shown one by one with `verbose`.
    """
    groups = {
        folder: shown
        for folder, found in by_workspace(report).items()
        if (shown := [finding for finding in found if verbose or finding.severity != "info"])
    }
    for folder, shown in groups.items():
        if len(groups) > 1:
            yield paint("bold", f"=== {shown_path(report.root, folder) or '.'}: {counts(shown)}")
            yield ""
        for finding in shown:
            yield from _finding(finding, report.root, paint)
    yield from (paint("warning", line) for line in _unverified(report))
    hidden = report.count("info") if not verbose else 0
    if hidden:
        yield paint("dim", f"{plural(hidden, 'note')} not shown; -v shows them")
    yield from _unseen(report)
    yield from _excluded(report, verbose=verbose)
    yield from _nothing(report)
    yield summary(report)


def _unseen(report: Report) -> Iterator[str]:
    """Name the state that was left out by design, and how to have it looked at."""
    if report.unseen:
        paths = ", ".join(shown_path(report.root, path) for path in report.unseen)
        how = "a plain run looks at what is named, or kept in a ledger (check-state --record)"
        yield f"{paths}: ignored by git, and not looked at; {how}"


def _finding(finding: Finding, root: str, paint: Paint) -> Iterator[str]:
    yield _headline(finding, root, paint)
    yield from _diff(finding, paint) if finding.diff else _source(finding, paint)
    for related in finding.related:
        yield f"  {shown_path(root, related.path)}:{related.line}: {escape(related.message)}"
    yield from _advice(finding, paint)
    yield ""


def _excluded(report: Report, *, verbose: bool) -> Iterator[str]:
    """Name what is configured not to be looked at, where that is asked, or where nothing else is there."""
    if report.excluded and (verbose or not report.workspaces):
        paths = ", ".join(shown_path(report.root, path) for path in report.excluded)
        yield f"{paths}: excluded by the configuration, and not looked at"


def _nothing(report: Report) -> Iterator[str]:
    if not report.excluded and (words := nothing(report)):
        yield words


def concise_lines(report: Report, *, verbose: bool = False) -> Iterator[str]:
    """Yield the concise format: ``path:line:column CODE message  (what fix-state can do)``."""
    for finding in report.findings:
        if not verbose and finding.severity == "info":
            continue
        remedy = f"  ({escape(words)})" if (words := offer(finding)) else ""
        yield f"{location(finding, report.root)} {finding.code} {escape(finding.message)}{remedy}"
    yield from _unverified(report)
    yield from _unseen(report)
    yield from _excluded(report, verbose=verbose)
    yield from _nothing(report)
    yield summary(report)


def shown_path(root: str, path: str) -> str:
    """Return a path of the report as it is reached from the current folder, harmless to show.

    A line that begins with two colons is a command to some CI systems.
    """
    if os.path.realpath(root) != os.getcwd():
        path = os.path.relpath(os.path.join(os.path.realpath(root), path)).replace(os.sep, "/")
    return escape(f"./{path}" if path.lstrip().startswith("::") else path)


def _headline(finding: Finding, root: str, paint: Paint) -> str:
    severity = "note" if finding.severity == "info" else finding.severity
    label = paint(finding.severity, f"{severity} {finding.code} {finding.name}")
    return f"{paint('bold', location(finding, root))}: {label}: {escape(finding.message)}"


def location(finding: Finding, root: str) -> str:
    """Return where a finding is, as editors and terminals link it: ``path:line:column``."""
    return f"{shown_path(root, finding.path)}:{finding.line}:{finding.column}"


def _diff(finding: Finding, paint: Paint) -> Iterator[str]:
    """Yield what changed, a line each: long ones are cut."""
    styles = {"-": "error", "+": "added"}
    for line in finding.diff:
        text = escape(line.replace("\t", " "))
        yield f"  {paint(styles.get(line[0], 'dim'), text if len(text) <= WIDTH else text[: WIDTH - 3] + '...')}"


def _source(finding: Finding, paint: Paint) -> Iterator[str]:
    margin = len(str(finding.line + len(finding.source)))
    for number, line in enumerate(finding.source, start=finding.line):
        first = finding.column if number == finding.line else 1 + len(line) - len(line.lstrip())
        last = finding.end_column if number == finding.end_line else len(line) + 1
        if number > finding.line and first >= last:
            continue
        start = max(0, first - 1 - WIDTH // 2) if len(line) > WIDTH else 0
        before = escape(line[start : first - 1].replace("\t", " "))
        marked = escape(line[first - 1 : max(last - 1, first)].replace("\t", " "))[:WIDTH]
        after = escape(line[max(last - 1, first) : start + WIDTH].replace("\t", " "))
        yield f"{paint('dim', f'{number:>{margin}} |')} {disarm(before + marked + after)}"
        caret = paint(finding.severity, "^" * max(1, len(marked)))
        yield f"{paint('dim', ' ' * margin + ' |')} {' ' * len(before)}{caret}"


def _advice(finding: Finding, paint: Paint) -> Iterator[str]:
    if finding.hint:
        yield f"  {paint('bold', 'help:')} {escape(finding.hint)}"
    if words := offer(finding):
        yield f"  {paint('bold', 'fix:')} {escape(words)}"


def _unverified(report: Report) -> Iterator[str]:
    for gap in gaps(report):
        where = f"{shown_path(report.root, gap.path)}: " if gap.path else ""
        yield f"{where}unverified {', '.join(gap.codes)}: {escape(gap.reason)}"
