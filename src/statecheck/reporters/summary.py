"""What several formats say alike: the line of what was examined, what could be done, what could not be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.findings import Finding, Report

_NOTHING = "there is no workspace here: no refinement, workflow, or iterative-work folder, and none of another kind"


class Gap(NamedTuple):
    """What could not be looked at for one reason, and the rules that wanted to. `path` is empty for the whole run."""

    path: str
    reason: str
    codes: tuple[str, ...]


def summary(report: Report) -> str:
    """Return the summary line: ``checked 3 workspaces, 17 files; compared index with HEAD; 2 errors, 1 warning``."""
    parts = [
        f"checked {plural(report.workspaces, 'workspace')}, {plural(report.files, 'file')}",
        escape(report.words),
        *([] if report.shard is None else [f"shard {report.shard.number} of {report.shard.total}"]),
        _outcome(report),
        *_accepted(report),
    ]
    return "; ".join(parts)


def nothing(report: Report) -> str | None:
    """Return the words for a run that had nothing to look at, since that is easily taken for a good sign, or None.

    Where something could not be looked at, nobody knows whether there was anything.
    """
    if report.workspaces or report.unverified:
        return None
    return _NOTHING if not report.elsewhere else "no workspace belongs to this shard: others look at them"


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 file``, ``2 files``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def counts(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each severity: ``2 errors, 1 note``; empty where there are none."""
    severities = [finding.severity for finding in findings]
    words = (("error", "error"), ("warning", "warning"), ("info", "note"))
    return ", ".join(plural(severities.count(key), noun) for key, noun in words if key in severities)


def offer(finding: Finding) -> str | None:
    """Return what ``fix-state`` can do about a finding, in words, or None."""
    if finding.fix is None:
        return None
    command = "fix-state" if finding.fix.safety == "safe" else "fix-state --unsafe-fixes"
    return f"{command} can {finding.fix.summary}"


def gaps(report: Report) -> list[Gap]:
    """Return what could not be looked at; several rules that could not look for the same reason share it."""
    codes: dict[tuple[str, str], list[str]] = {}
    for each in report.unverified:
        codes.setdefault(("" if each.path == "." else each.path, each.reason), []).append(each.code)
    return [Gap(path, reason, tuple(dict.fromkeys(of))) for (path, reason), of in codes.items()]


def by_workspace(report: Report) -> dict[str, list[Finding]]:
    """Return the findings of each workspace that has any, by its folder."""
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.workspace, []).append(finding)
    return found


def most_urgent_first(report: Report) -> list[Finding]:
    """Return the findings with errors first, then warnings, then notes."""
    rank = ("error", "warning", "info")
    return sorted(report.findings, key=lambda each: rank.index(each.severity))


def _accepted(report: Report) -> Iterator[str]:
    """Yield what a baseline accepts, and what of it could go, in words."""
    if report.acceptance is not None:
        gone = sum(count for _, count in report.acceptance.gone)
        words = (
            "is no longer needed: fix-state takes it out"
            if gone == 1
            else "are no longer needed: fix-state takes them out"
        )
        spare = f" ({gone} of its entries {words})" if gone else ""
        yield f"{report.acceptance.accepted} accepted by the baseline{spare}"


def _outcome(report: Report) -> str:
    found = [counts(report.findings)] if report.findings else []
    if report.unverified:
        found.append(f"{len(report.unverified)} unverified")
    text = ", ".join(found) or "no findings"
    fixes = [finding.fix for finding in report.findings if finding.fix is not None and finding.fix.complete]
    safe = sum(fix.safety == "safe" for fix in fixes)
    offers = [f"{safe} fixable with fix-state"] if safe else []
    if len(fixes) > safe:
        offers.append(f"{len(fixes) - safe} with --unsafe-fixes")
    return f"{text} ({', '.join(offers)})" if offers else text
