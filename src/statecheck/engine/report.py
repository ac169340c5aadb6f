"""One report of everything that was judged: the two ends of a comparison, and the steps between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.engine.acceptance import accept, acceptance, known_causes
from statecheck.engine.judging import Judge
from statecheck.engine.model import Outcome, Result, Run
from statecheck.engine.names import Names
from statecheck.engine.verdicts import concerns, is_concerned, is_named, seen_files
from statecheck.findings import Finding, Report, Unverified, as_text
from statecheck.rules import looks_back
from statecheck.workspaces import discover, governed_folder, within

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from statecheck.engine.steps import StepOutcome
    from statecheck.engine.verdicts import Verdict
    from statecheck.portraits import Portrait


def check(run: Run) -> Report:
    """Run the selected rules on every workspace of the comparison."""
    if not run.comparison.ranged:
        return check_plain(run)
    from statecheck.engine.steps import judge_steps

    ends = Judge(run, less=lambda each: _less_steps(each, said.get(names.of(each.view.folder))))
    steps = list(judge_steps(run, meanwhile=ends.prepare))
    names = Names(run.policy.kinds, (pair for step in steps for pair in step.moved))
    said: dict[str, set[tuple[str, str]]] = {names.of(folder): set() for step in steps for folder in step.broken}
    for folder, code, subject in (each for step in steps for each in step.said):
        said.get(names.of(folder), set()).add((code, subject))
    return make_report(run, ends.verdicts(), steps)


def unavailable(reason: str, root: str, rules: int) -> Report:
    """Return the report of a run whose base cannot be had: nothing was judged, and W906 says why."""
    gap = Unverified("W906", ".", reason)
    return Report(root, (), (gap,), 0, 0, 0, rules, None, "nothing", reason, f"compared with nothing ({reason})")


def check_plain(run: Run) -> Report:
    """Run the selected rules on the comparison's later tree, which comes from its parents in one step."""
    return make_report(run, Judge(run).verdicts())


def outcomes(run: Run) -> Iterator[Outcome]:
    """Yield what the rules say of every workspace of the comparison's later tree, by folder."""
    return Judge(run).outcomes()


def _less_steps(outcome: Outcome, said: set[tuple[str, str]] | None) -> Outcome:
    """Leave out of the end of a range what its steps say one by one.

    Of rules that look back, notes remain. Where a step could not be judged, or the workspace came back, so do
    errors that no step `said` of it: what is taken away in one commit, and brought back otherwise in another.
    """

    def remains(result: Result) -> bool:
        finding = result.finding
        if not looks_back(result.rule) or finding.severity == "info":
            return True
        changed = finding.severity == "error" and "before" in result.rule.requirements
        return changed and said is not None and (finding.code, result.violation.subject) not in said

    results = tuple(each for each in outcome.results if remains(each))
    unverified = tuple(each for each in outcome.unverified if not looks_back(each.code))
    return outcome._replace(results=results, unverified=unverified)


def make_report(
    run: Run,
    verdicts: Iterable[Verdict],
    steps: Iterable[StepOutcome] = (),
    excluded_folders: Collection[str] | None = None,
) -> Report:
    """Return one report of the verdicts on several workspaces; what two of them share is said once.

    What a baseline accepts is left out. `excluded_folders` are those of workspaces that are not looked at, if that is
    known.
    """
    folders: list[str] = []
    portraits: list[Portrait] = []
    findings: dict[tuple[object, ...], Finding] = {}
    unverified: dict[Unverified, None] = {}
    files: set[str] = set()
    unseen: set[str] = set()
    excluded: set[str] = set()
    blind: set[tuple[str, str]] = set()
    for verdict in verdicts:
        blind.update((code, as_text(place)) for code, place in verdict.blind)
        seen = seen_files(verdict, run)
        excluded.update(path for path in verdict.files if path not in seen)
        if not is_concerned(verdict, run):
            continue
        unnamed = {path for path in seen if not is_named(path, run)}
        if not verdict.gone and not verdict.own:
            folders.append(verdict.folder)
        if verdict.portrait is not None:
            portraits.append(verdict.portrait)
        for finding in verdict.findings:
            if unnamed and not concerns(finding, run) and governed_folder(finding.path) is None:
                continue
            findings.setdefault(_identity(finding), finding)
        for gap in verdict.unverified:
            if gap.path not in unnamed:
                unverified[gap._replace(cause="")] = None
        files.update(path for path in seen if path not in unnamed)
        unseen.update(path for path in verdict.unseen if not run.policy.excludes(path))
    known = known_causes(run)
    for step in steps:
        findings.update((_identity(each), each) for each in step.findings if is_named(each.path, run))
        gaps = (each for each in step.unverified if is_named(each.path, run))
        gaps = (each for each in gaps if (each.cause, as_text(each.path)) not in known)
        unverified.update((each._replace(cause=""), None) for each in gaps)
    for folder in run.disk.unlisted if run.disk is not None else ():
        if run.policy.leaves_out("W901", folder):
            continue
        unverified[Unverified("W901", folder, "the folder may not be listed: permission denied")] = None
    comparison = run.comparison
    found = sorted(findings.values(), key=lambda each: (each.path, each.line, each.column, each.code))
    kept, accepted = accept(found, run)
    return Report(
        root=run.root,
        findings=tuple(kept),
        unverified=tuple(sorted(unverified, key=lambda each: (each.path, each.code))),
        workspaces=len(folders),
        files=len(files),
        revisions=comparison.revisions,
        rules=len(run.rules),
        base=comparison.base,
        head=comparison.after.label,
        via=comparison.via,
        words=comparison.words,
        unseen=tuple(sorted(unseen)),
        folders=tuple(folders),
        codes=tuple(run.rules),
        portraits=tuple(portraits),
        strict=run.policy.strict,
        excluded=tuple(sorted({*excluded, *(_excluded(run) if excluded_folders is None else excluded_folders)})),
        acceptance=acceptance(accepted, found, blind, run, certain=not unverified),
    )


def _excluded(run: Run) -> set[str]:
    """Return the folders of the workspaces that were asked for, and are not looked at since they are excluded."""
    if not run.policy.exclude:
        return set()
    folders = {each.folder for each in discover(run.comparison.after.files(), run.policy.kinds)}
    folders -= run.elsewhere
    return {each or "." for each in folders if run.policy.excludes(each) and within(each, run.paths)}


def _identity(finding: Finding) -> tuple[object, ...]:
    return (*finding[:2], finding.path, finding.line, finding.column, finding.message)
