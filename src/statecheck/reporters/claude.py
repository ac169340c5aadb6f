"""For a hook of an agent (Claude Code): what to mend, in few words, on standard error, with exit code 2.

Exit code 2 is the one that the agent is told of, with what stands on standard error; after 1 it goes on and sees
nothing. So whatever would fail elsewhere is 2 here. That holds for what could not be verified, too: it is not fine, and
only who is told can look into it. Where all is well, nothing is printed.

On Stop, exit code 2 means "go on working". An agent that was stopped that way already (`stop_hook_active`) is let go,
or it would never come to an end; the person is then told instead, by the message that the hook contract has for that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from statecheck.reporters.escape import escape
from statecheck.reporters.summary import gaps, most_urgent_first, nothing, plural, summary
from statecheck.reporters.text import shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.findings import Finding, Report
    from statecheck.reporters.presentation import Presentation

SHOWN = 10
"""Findings that are named: more than can be mended at once only takes up the agent's context."""

WIDTH = 300
"""Characters of a message that are shown."""


def claude_lines(report: Report, presentation: Presentation) -> Iterator[str]:
    """Yield what the agent is told on standard error; nothing where the verdict is pass."""
    if presentation.verdict == "pass":
        return
    failing = [each for each in most_urgent_first(report) if presentation.fails(each)]
    outcome = "do not hold" if presentation.verdict == "fail" else "could not be verified"
    yield f"statecheck: the state files {outcome}; {_short(summary(report))}"
    for finding in failing[:SHOWN]:
        place = f"{shown_path(report.root, finding.path)}:{finding.line}"
        yield f"- {place} {finding.code} {_short(finding.message)}"
        yield f"  -> {_short(_action(finding))}"
    if len(failing) > SHOWN:
        yield f"- and {len(failing) - SHOWN} more; check-state --output-format concise lists them"
    missing = gaps(report)
    for gap in missing[:SHOWN]:
        place = shown_path(report.root, gap.path) if gap.path else "the run"
        yield f"- {place} could not be verified ({', '.join(gap.codes)}): {_short(gap.reason)}"
    if len(missing) > SHOWN:
        yield f"- and {len(missing) - SHOWN} more that could not be verified"
    if words := nothing(report):
        yield f"- {words}"
    yield from _repairs(failing)


def told_to_the_person(message: str) -> str:
    """Return what a hook prints on standard output, with exit code 0, so that the person sees a message."""
    return json.dumps({"systemMessage": message})


def _action(finding: Finding) -> str:
    """Return the one thing to do about a finding."""
    fix = finding.fix
    if fix is not None and fix.safety == "safe" and fix.complete:
        return f"run fix-state: it can {fix.summary}"
    if finding.hint:
        return finding.hint
    if fix is not None:
        flag = " --unsafe-fixes" if fix.safety == "unsafe" else ""
        return f"look at the file; fix-state{flag} can {fix.summary}"
    return f"look at the file; statecheck explain {finding.code} says what has to hold"


def _repairs(failing: list[Finding]) -> Iterator[str]:
    fixes = [each.fix for each in failing if each.fix is not None and each.fix.complete]
    safe = sum(fix.safety == "safe" for fix in fixes)
    if safe:
        rest = len(failing) - safe
        remain = f"; {plural(rest, 'finding')} must be mended by hand" if rest else ""
        yield f"fix-state repairs {safe} of {plural(len(failing), 'finding')} without losing anything{remain}."


def _short(text: str) -> str:
    text = escape(text)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
