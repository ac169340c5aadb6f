"""The line that every run ends with: what was examined, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape

if TYPE_CHECKING:
    from statecheck.findings import Report


def summary(report: Report) -> str:
    """Return the summary line: ``checked 3 workspaces, 17 files; compared index with HEAD; 2 errors, 1 warning``."""
    parts = [
        f"checked {plural(report.workspaces, 'workspace')}, {plural(report.files, 'file')}",
        escape(report.words),
        _counts(report),
    ]
    return "; ".join(parts)


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 file``, ``2 files``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _counts(report: Report) -> str:
    counts = [
        plural(number, noun)
        for number, noun in (
            (report.count("error"), "error"),
            (report.count("warning"), "warning"),
            (report.count("info"), "note"),
        )
        if number
    ]
    if report.unverified:
        counts.append(f"{len(report.unverified)} unverified")
    text = ", ".join(counts) or "no findings"
    fixes = [finding.fix for finding in report.findings if finding.fix is not None and finding.fix.complete]
    safe = sum(fix.safety == "safe" for fix in fixes)
    offers = [f"{safe} fixable with fix-state"] if safe else []
    if len(fixes) > safe:
        offers.append(f"{len(fixes) - safe} with --unsafe-fixes")
    return f"{text} ({', '.join(offers)})" if offers else text
