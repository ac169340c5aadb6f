"""``fix-state``: what was repaired, or would be, told line by line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from statecheck.cli.fixing import apply_plan, mend
from statecheck.cli.output import FAILED, diff_line, exit_code_of, require_heard, show, show_repair
from statecheck.engine import check
from statecheck.repair import DisagreementError, unified_diff
from statecheck.reporters.escape import escape
from statecheck.reporters.summary import plural
from statecheck.reporters.text import location, shown_path
from statecheck.workspaces import BASELINE_FILE, OWN_FOLDER

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping

    from statecheck.cli.fixing import Mended
    from statecheck.repair import Repair
    from statecheck.repair.plan import PlanFile


def fix_command(arguments: argparse.Namespace) -> int:
    """Repair what the arguments ask for, show what was done, and return the exit code. Raises `ExpectedError`."""
    require_heard(arguments)
    if arguments.apply is not None:
        return _apply(arguments)
    done = mend(arguments)
    mended = done.repair
    if arguments.diff:
        for line in map(diff_line, unified_diff(mended)):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        show(mended.report, arguments, sys.stderr)
        _tell_disagreements(mended)
        return FAILED if mended.changes else exit_code_of(mended.report, arguments)
    show_repair(_applied_lines(done, arguments.plan), arguments)
    show(mended.report, arguments)
    _tell_disagreements(mended)
    if mended.changes and (arguments.exit_non_zero_on_fix or arguments.plan is not None):
        return FAILED
    return exit_code_of(mended.report, arguments)


def _apply(arguments: argparse.Namespace) -> int:
    done = apply_plan(arguments)
    try:
        report = check(done.run)
    finally:
        if done.repository is not None:
            done.repository.close()
    show_repair(_carried_out(done.plan), arguments)
    show(report, arguments)
    if done.plan.changes and arguments.exit_non_zero_on_fix:
        return FAILED
    return exit_code_of(report, arguments)


def _carried_out(plan: PlanFile) -> Iterable[str]:
    for each in plan.repairs:
        place = f"{escape(each.path)}:{each.line}:{each.column}"
        yield f"{place}: {_done(complete=each.complete)} {each.code} {escape(each.name)}: {escape(each.summary)}"
    if any(change.path == BASELINE_FILE for change in plan.changes):
        yield f"{BASELINE_FILE}: took out what is no longer needed"
    yield from _written(
        {change.path: change.after is None for change in plan.changes}, sum(each.complete for each in plan.repairs)
    )


def _tell_disagreements(mended: Repair) -> None:
    """End the run with a sentence where fixers undid each other; what else could be repaired was written before."""
    if mended.disagreements:
        raise DisagreementError("; ".join(mended.disagreements))


def _applied_lines(done: Mended, plan: str | None) -> Iterable[str]:
    mended, root = done.repair, done.root
    for each in mended.applied:
        word = _done(complete=each.complete) if plan is None else "to fix"
        yield f"{location(each.finding, root)}: {word} {each.finding.code} {each.finding.name}: {escape(each.summary)}"
    for each in mended.refused:
        brings = ", ".join(each.brings)
        refusal = f"not fixed {each.finding.code}: to {escape(each.summary)} would bring another error, {brings}"
        yield f"{location(each.finding, root)}: {refusal}"
    for path in mended.changes if plan is None else ():
        if path.startswith(f"{OWN_FOLDER}/quarantine/") and not path.endswith("/.gitignore"):
            yield f"{shown_path(root, path)}: what was displaced is kept here"
    if done.forgotten:
        word = "took" if plan is None else "to take"
        entries = f"{done.forgotten} {'entry that is' if done.forgotten == 1 else 'entries that are'}"
        yield f"{shown_path(root, BASELINE_FILE)}: {word} out {entries} no longer needed"
    if plan is not None:
        how = f"; to do it: fix-state --apply {escape(plan)}" if mended.changes else ": there is nothing to do"
        yield f"{plural(len(mended.changes), 'file')} to change{how}"
        return
    removals = {path: content is None for path, content in mended.changes.items()}
    yield from _written(removals, sum(each.complete for each in mended.applied))


def _done(*, complete: bool) -> str:
    return "fixed" if complete else "marked"


def _written(removals: Mapping[str, bool], repaired: int) -> Iterable[str]:
    """Yield what was written in all; `removals` says of each file whether it was removed."""
    own = [removed for path, removed in removals.items() if not path.startswith(f"{OWN_FOLDER}/")]
    if own:
        wrote = f"repaired {plural(repaired, 'finding')}; wrote {plural(len(own) - sum(own), 'file')}"
        removal = f", removed {sum(own)}" if any(own) else ""
        yield f"{wrote}{removal}; look at what changed before you stage it"
