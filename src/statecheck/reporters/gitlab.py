"""The Code Quality report of GitLab: a JSON array with one object for each finding."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from statecheck.reporters.escape import escape
from statecheck.reporters.summary import gaps, offer

if TYPE_CHECKING:
    from statecheck.findings import Finding, Report

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def gitlab_text(report: Report) -> str:
    """Return the report as GitLab reads it. What could not be looked at is in it, as severe as an error.

    GitLab shows only the first of several entries with one fingerprint, so each has its own.
    """
    entries = [_entry(each) for each in report.findings]
    for gap in gaps(report):
        reason = f"unverified: {gap.reason}"
        entries += [_object(code, reason, "major", gap.path or ".", 1, 1, reason) for code in gap.codes]
    seen: dict[str, int] = {}
    for entry in entries:
        seen[entry["fingerprint"]] = count = seen.get(entry["fingerprint"], 0) + 1
        entry["fingerprint"] += f"-{count}" if count > 1 else ""
    return json.dumps(entries, indent=2)


def _entry(finding: Finding) -> dict[str, Any]:
    advice = [finding.hint or "", offer(finding) or ""]
    description = "; ".join([finding.message, *filter(None, advice)])
    identity = f"{finding.fingerprint} {finding.revision or ''}"
    severity = _SEVERITIES[finding.severity]
    last = max(finding.line, finding.end_line)
    return _object(finding.code, description, severity, finding.path, finding.line, last, identity)


def _object(
    code: str, description: str, severity: str, path: str, line: int, last: int, identity: str
) -> dict[str, Any]:
    name = "\0".join((code, path, identity))
    return {
        "description": escape(description),
        "check_name": code,
        "fingerprint": hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        "severity": severity,
        "location": {"path": escape(path), "lines": {"begin": line, "end": last}},
    }
