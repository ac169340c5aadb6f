"""SARIF 2.1.0: the report for code scanning, editors, and other programs that read results of static analysis.

Positions count Unicode code points. Paths are relative to the root of the run, ``%SRCROOT%``. What could not be looked
at is a notification of the invocation, which then was not successful.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from statecheck import __version__
from statecheck.reporters.escape import escape
from statecheck.reporters.sarif_rules import descriptors
from statecheck.reporters.summary import gaps, most_urgent_first, offer, summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from statecheck.findings import Change, Finding, Report
    from statecheck.reporters.presentation import Presentation
    from statecheck.reporters.summary import Gap

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

MAX_RESULTS = 25_000
"""Results of a run that GitHub accepts; a file with more is refused as a whole."""

MAX_RELATED = 100
"""Locations of a result that GitHub keeps."""

FINGERPRINT = "statecheck/v1"

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def sarif_text(report: Report, presentation: Presentation) -> str:
    """Return the report as a SARIF log with one run, in ASCII."""
    rules = descriptors(presentation.rules)
    numbers = {each["id"]: index for index, each in enumerate(rules)}
    findings = most_urgent_first(report)
    notifications = [_notification(gap, code, numbers) for gap in gaps(report) for code in gap.codes]
    if len(findings) > MAX_RESULTS:
        left_out = f"{len(findings) - MAX_RESULTS} results are left out: {MAX_RESULTS} is what code scanning accepts"
        notifications.append({"level": "warning", "message": {"text": left_out}})
    run = {
        "tool": {"driver": {"name": "statecheck", "version": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": not report.unverified, "toolExecutionNotifications": notifications}],
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository, or of the run."}}},
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "results": [_result(each, numbers) for each in findings[:MAX_RESULTS]],
        "properties": {"verdict": presentation.verdict, "summary": escape(summary(report))},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(finding: Finding, numbers: dict[str, int]) -> dict[str, Any]:
    region = _region(finding.line, finding.column, finding.end_line, finding.end_column)
    related = [
        {
            "id": number,
            "physicalLocation": {"artifactLocation": _artifact(each.path), "region": {"startLine": each.line}},
            "message": _message(each.message),
        }
        for number, each in enumerate(finding.related[:MAX_RELATED])
    ]
    properties = {"workspace": escape(finding.workspace) or "."}
    if finding.revision is not None:
        properties["revision"] = finding.revision
    if finding.fix is not None:
        properties["fix"] = finding.fix.safety
    result: dict[str, Any] = {
        "ruleId": finding.code,
        **_index("ruleIndex", finding.code, numbers),
        "level": _LEVELS[finding.severity],
        "message": _message(finding.message, finding.hint, offer(finding)),
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(finding.path), "region": region}}],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": properties,
    }
    if related:
        result["relatedLocations"] = related
    if finding.fix is not None and finding.fix.changes:
        result["fixes"] = [_fix(finding.fix.summary, finding.fix.changes)]
    return result


def _fix(words: str, changes: Iterable[Change]) -> dict[str, Any]:
    """Return a fix whose changes all lie in one file."""
    each = list(changes)
    replacements = [
        {
            "deletedRegion": _region(change.line, change.column, change.end_line, change.end_column),
            "insertedContent": {"text": change.text},
        }
        for change in each
    ]
    change = {"artifactLocation": _artifact(each[0].path), "replacements": replacements}
    return {"description": _message(words), "artifactChanges": [change]}


def _notification(gap: Gap, code: str, numbers: dict[str, int]) -> dict[str, Any]:
    notification: dict[str, Any] = {
        "level": "error",
        "message": _message(f"unverified: {gap.reason}"),
        "associatedRule": {"id": code, **_index("index", code, numbers)},
    }
    if gap.path:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(gap.path)}}]
    return notification


def _index(key: str, code: str, numbers: dict[str, int]) -> dict[str, int]:
    return {key: numbers[code]} if code in numbers else {}


def _region(line: int, column: int, end_line: int, end_column: int) -> dict[str, int]:
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(path: str) -> dict[str, str]:
    """Return a path as a URI; the bytes of names that are no text are kept."""
    try:
        name = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a half of a pair that stands for no byte: a name of Windows may have it
        name = path.encode("utf-8", "surrogatepass")
    return {"uri": quote(name), "uriBaseId": "%SRCROOT%"}


def _message(*sentences: str | None) -> dict[str, str]:
    """Return a message in which nothing is a link: brackets before parentheses would be one."""
    return {"text": _LINK.sub(r"\\[", escape("; ".join(filter(None, sentences))))}
