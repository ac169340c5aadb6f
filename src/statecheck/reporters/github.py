"""Annotations of GitHub Actions: workflow commands, which show a finding beside the line that it is about.

GitHub shows ten errors, ten warnings and ten notices of a step, so what is most urgent comes first. Columns may only be
given within one line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape
from statecheck.reporters.summary import gaps, most_urgent_first, nothing, offer, plural, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.findings import Finding, Report
    from statecheck.reporters.presentation import Presentation

SHOWN = 10
"""Annotations of one level that GitHub shows of a step."""

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def github_lines(report: Report, presentation: Presentation) -> Iterator[str]:
    """Yield a workflow command for each finding, and the summary line. Notes are only given with `verbose`.

    What could not be looked at fails the step, so it is an error here.
    """
    findings = [each for each in most_urgent_first(report) if presentation.verbose or each.severity != "info"]
    errors = [_annotation(each, report.root, presentation) for each in findings if each.severity == "error"]
    errors += [
        _command(
            "error",
            {"file": _file(gap.path, report.root, presentation)},
            f"unverified {', '.join(gap.codes)}",
            gap.reason,
        )
        for gap in gaps(report)
    ]
    yield from errors
    others = [each for each in findings if each.severity != "error"]
    yield from (_annotation(each, report.root, presentation) for each in others)
    levels = ["error"] * len(errors) + [_LEVELS[each.severity] for each in others]
    hidden = sum(max(0, levels.count(level) - SHOWN) for level in _LEVELS.values())
    if hidden:
        yield f"GitHub shows {SHOWN} annotations of a level: {plural(hidden, 'further one')} only in this log"
    if words := nothing(report):
        yield words
    yield escape(summary(report))


def _annotation(finding: Finding, root: str, presentation: Presentation) -> str:
    properties = {
        "file": _file(finding.path, root, presentation),
        "line": str(finding.line),
        "endLine": str(max(finding.line, finding.end_line)),
    }
    if finding.line == finding.end_line:
        properties |= {"col": str(finding.column), "endColumn": str(max(finding.column, finding.end_column))}
    lines = [finding.message]
    lines += [f"{each.path}:{each.line}: {each.message}" for each in finding.related]
    lines += [f"help: {finding.hint}"] if finding.hint else []
    lines += [f"fix: {words}"] if (words := offer(finding)) else []
    return _command(_LEVELS[finding.severity], properties, f"{finding.code} {finding.name}", *lines)


def _command(level: str, properties: dict[str, str], title: str, *lines: str) -> str:
    given = {**properties, "title": title}
    words = ",".join(f"{key}={_property(value)}" for key, value in given.items() if value)
    return f"::{level} {words}::{'%0A'.join(map(_data, lines))}"


def _data(text: str) -> str:
    return escape(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _file(path: str, root: str, presentation: Presentation) -> str:
    """Return a path as the CI system takes it, relative to its checkout; empty for the whole run."""
    if not path or presentation.checkout is None:
        return path
    return os.path.relpath(os.path.join(root, path), presentation.checkout).replace(os.sep, "/")
