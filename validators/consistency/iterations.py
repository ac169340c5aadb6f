"""X620, X621 and X625: each iteration has its entry and its decision, and both say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import (
    MarkdownDocument,
    first_word,
    is_certainly_before,
    leading_number,
    looks_like_time,
    number_of,
    show,
)
from statecheck.findings import Related
from statecheck.rules import Skipped, Violation, at, rule
from statecheck.tuples import NamedTuple
from statecheck.workspaces import Owed, counted_in_order, logged_in_order, manifest_time, owed_lines

from .refinement import (
    counts_now,
    either_is_new,
    names_cycles,
    no_time,
    paired,
    unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Field
    from statecheck.rules import Context
    from statecheck.workspaces import Counted, Logged, View

VERDICTS = ("continue", "terminate")


class _Log(NamedTuple):
    """One of the two logs; `complete` says that every iteration that it has is known."""

    path: str
    entries: list[Counted]
    complete: bool

    @property
    def names_cycles(self) -> bool:
        return names_cycles(self.entries)

    @property
    def highest(self) -> dict[int, Counted]:
        """The entry with the highest number of each cycle; of several, the first."""
        found: dict[int, Counted] = {}
        for each in self.entries:
            if each.cycle not in found or each.iteration > found[each.cycle].iteration:
                found[each.cycle] = each
        return found

    def cycles_with(self, number: int) -> list[int]:
        """Return the cycles that have an iteration, in order."""
        return list(dict.fromkeys(each.cycle for each in self.entries if each.iteration == number))


@rule("X620", "entry-missing", "error", "info", source="persist.md, Output")
def entry_missing(workspace: View) -> Iterator[Violation | Skipped]:
    """The current iteration has its entry in refinement_log.md, and its decision in decisions.md.

    What holds
    The highest iteration of either log, in each cycle, is in the other log, too. The manifest is not newer than the
    newest entry. Nothing is said of a log that has headings which are not understood. A log of a project's own kind has
    the entries that the kind requires.

    Why
    "Never skip persistence": the next iteration reads what was done from one file, and whether to go on from the
    other. Where one lacks the last iteration, it goes on from the one before.

    Example
    Bad:  ## Iteration 3 — 2026-01-16T14:00:00Z in refinement_log.md, and Iteration 2 Decision as the last decision
    Good: ## Iteration 3 — 2026-01-16T14:00:00Z in refinement_log.md, and Iteration 3 Decision in decisions.md

    Fix
    None: what was done or decided cannot be made up.
    """
    for owed in owed_lines(workspace, "log"):
        yield _owed(owed) if isinstance(owed, Owed) else Skipped(*owed)
    yield from unavailable(workspace, "log", "decisions", "manifest")
    log, decisions = _log(workspace, "log"), _log(workspace, "decisions")
    if log is not None and decisions is not None:
        yield from _without_counterpart(log, decisions, "has no decision in", "append the decision")
        yield from _without_counterpart(decisions, log, "has no entry in", "append the entry")
    if log is not None and log.complete:
        yield from _newer_manifest(workspace)


def _owed(owed: Owed) -> Violation:
    """Return what a log lacks that a project's own kind requires."""
    return at(
        owed.state,
        owed.state.span(owed.pointer),
        f"{owed.because}, and {owed.path.rpartition('/')[2]} has no entry for {owed.says}",
        hint=f'{"put on top" if owed.downwards else "append"} an entry whose heading says "{owed.says}"',
        subject=f"entry of {owed.says}",
        fresh=True,
    )


def _log(workspace: View, role: str) -> _Log | None:
    document = workspace.document(role)
    if not isinstance(document, MarkdownDocument) or not document.usable:
        return None
    entries = logged_in_order(workspace, role)
    known = all(each.understood and each.entry.iteration is not None for each in entries)
    # A list without any heading may hold what the headings should.
    return _Log(
        document.path, counted_in_order(workspace, role), known and bool(entries or not document.markdown.items)
    )


def _without_counterpart(here: _Log, there: _Log, lacks: str, hint: str) -> Iterator[Violation]:
    for cycle, highest in here.highest.items() if there.complete else ():
        if not _lacks(there, highest, here):
            continue
        heading = highest.logged.entry.heading
        yield at(
            highest.logged.document,
            heading.span,
            f"iteration {highest.iteration}{_of_cycle(highest)} {lacks} {there.path.rpartition('/')[2]}",
            hint=hint,
            subject=f"{heading.text} {cycle} counterpart",
            fresh=cycle == here.entries[-1].cycle,  # what is lacking can still be appended
        )


def _lacks(there: _Log, wanted: Counted, here: _Log) -> bool:
    """Say whether a log lacks an iteration that is the highest of a cycle in the other log, and in both."""
    numbers = [each.iteration for each in there.entries]
    named = [here.names_cycles, there.names_cycles or not there.entries]
    same = [each.iteration for each in there.entries if each.cycle == wanted.cycle]
    if all(named):
        return wanted.iteration not in same and max(same, default=0) < wanted.iteration
    if any(each.logged.entry.cycle is not None for each in (*here.entries, *there.entries)):
        return wanted.iteration not in numbers
    cycles = here.cycles_with(wanted.iteration)
    return numbers.count(wanted.iteration) <= cycles.index(wanted.cycle) and max(same, default=0) < wanted.iteration


def _of_cycle(each: Counted) -> str:
    cycle = each.logged.entry.cycle
    return f" of cycle {cycle}" if cycle is not None else ""


def _newer_manifest(workspace: View) -> Iterator[Violation | Skipped]:
    manifest = workspace.usable("manifest")
    field, stamp = manifest_time(manifest) if manifest is not None else ("", None)
    if manifest is None or not field:
        return
    if stamp is None:
        yield no_time(manifest, field)
        return
    entries = [each for role in ("log", "decisions") for each in logged_in_order(workspace, role)]
    unread = next((e for e in entries if e.entry.time is None and looks_like_time(e.entry.time_text or "")), None)
    if unread is not None:
        yield Skipped(unread.document.path, f"the time of {unread.entry.heading.text!r} is no timestamp", "S105")
        return
    times = [(each.entry.time, each) for each in entries if each.entry.time is not None]
    if times and all(is_certainly_before(time, stamp) for time, _ in times):
        newest, each = max(times, key=lambda pair: pair[0].moment)
        yield at(
            manifest,
            manifest.span((field,)),
            f"{field} {stamp.text} is newer than the newest entry, {newest.text}: an iteration has no entry",
            hint="append the entry and the decision of the iteration that wrote the manifest",
            subject="newest entry",
            related=(Related(each.document.path, each.entry.heading.line + 1, "the newest entry is here"),),
        )


@rule("X621", "convergence-mismatch", "error", "info", roles=("log", "decisions"), source="persist.md, Steps 3 and 4")
def convergence_mismatch(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """The Convergence of an iteration and its Decision agree.

    What holds
    Where refinement_log.md says continue for an iteration, decisions.md says so, too; and so for terminate.

    Why
    One of the two decides whether there is a next iteration. Which one, depends on who reads them.

    Example
    Bad:  - Convergence: continue           and  - **Decision**: terminate
    Good: - Convergence: terminate          and  - **Decision**: terminate

    Fix
    None: what was decided is known to whoever decided.
    """
    yield from unavailable(workspace, "log", "decisions")
    for entry, decision in paired(workspace):
        said = [_verdict(entry, "Convergence"), _verdict(decision, "Decision")]
        for each, field in zip((entry, decision), said, strict=True):
            if field is not None and first_word(field.value) not in VERDICTS and counts_now(each, workspace, context):
                yield _bad_value(each, field)
        convergence, decided = said
        if convergence is None or decided is None:
            continue
        words = [first_word(field.value) for field in (convergence, decided)]
        if words[0] != words[1] and set(words) <= set(VERDICTS):
            yield at(
                decision.document,
                decided.span,
                f"Decision is {words[1]}; the entry of iteration {entry.entry.iteration} says {words[0]}",
                hint="let both say what was decided",
                subject=f"{decision.entry.heading.text} convergence",
                related=(Related(entry.document.path, convergence.line + 1, f"Convergence is {words[0]}"),),
                fresh=either_is_new(entry, decision, workspace, context),
            )


def _verdict(each: Logged, name: str) -> Field | None:
    """Return the field that says whether to go on, or None where there is none, or several that differ."""
    found = each.fields.fields(name)
    return found[0] if len({first_word(field.value) for field in found}) == 1 else None


def _bad_value(each: Logged, field: Field) -> Skipped:
    return Skipped(each.document.path, f"{field.name} of {each.entry.heading.text!r} is {show(field.value)}", "L212")


@rule("X625", "terminate-blocked", "warning", "info", roles=("decisions",), source="persist.md, Step 4")
def terminate_blocked(workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """A refinement ends with blocking violations only when its iterations are used up.

    What holds
    Where a decision is terminate and blocking violations remain, its iteration is the last: N of N.

    Why
    Blocking means that the artifact must not be handed over like this. As long as there are iterations left, there is
    a way to mend it.

    Example
    Bad:  - **Decision**: terminate, - **Iteration**: 2 of 5, - **Blocking violations remaining**: 1
    Good: - **Decision**: continue, - **Iteration**: 2 of 5, - **Blocking violations remaining**: 1

    Fix
    None: either the decision or the count is wrong.
    """
    yield from unavailable(workspace, "decisions")
    for each in counted_in_order(workspace, "decisions"):
        decision = _verdict(each.logged, "Decision")
        count = each.logged.fields.field("Blocking violations remaining")
        iteration = each.logged.fields.field("Iteration")
        if decision is None or count is None or iteration is None or first_word(decision.value) != "terminate":
            continue
        remaining, numbers = leading_number(count.value), number_of(iteration.value)
        unread = count if remaining is None else iteration if numbers is None else None
        if remaining is None or numbers is None:
            if unread is not None and counts_now(each.logged, workspace, context):
                yield _bad_value(each.logged, unread)
        elif remaining > 0 and numbers[0] < numbers[1]:
            yield at(
                each.logged.document,
                decision.span,
                f"Decision is terminate at iteration {numbers[0]} of {numbers[1]}, with "
                f"{remaining} blocking violation{'' if remaining == 1 else 's'} remaining",
                hint="go on, or say in a new entry why no blocking violation is left",
                subject=f"{each.logged.entry.heading.text} terminate",
            )
