"""What a baseline accepts: findings of a state that was there when it was recorded, never what a change does."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING

from statecheck.findings import Acceptance
from statecheck.rules import looks_back
from statecheck.trees import upwards
from statecheck.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from statecheck.engine.model import Run
    from statecheck.findings import Finding, Identity
    from statecheck.rules import Rule


class Baseline(NamedTuple):
    """The findings that a project accepts for now, and how often each; without arguments, none.

    `counting` are those that count, `recorded` all that the tree which is judged has. `whole` says that the run looks
    at everything, so that what is not found is gone.
    """

    counting: Mapping[Identity, int] = MappingProxyType({})
    recorded: Mapping[Identity, int] = MappingProxyType({})
    whole: bool = False


def acceptable(finding: Finding, rules: Mapping[str, Rule]) -> bool:
    """Say whether a baseline may accept a finding: no note, which fails nowhere, and not about what a change did.

    What a change did is gone with its commit. Were it accepted, the next such change would be as well.
    """
    return finding.severity != "info" and "before" not in rules[finding.code].requirements


def accept(findings: Iterable[Finding], run: Run) -> tuple[list[Finding], int]:
    """Return the findings that the baseline of a run does not accept, and how many it does."""
    used: Counter[Identity] = Counter()
    kept: list[Finding] = []
    for each in findings:
        identity = each.identity
        if used[identity] < run.baseline.counting.get(identity, 0) and acceptable(each, run.rules):
            used[identity] += 1
        else:
            kept.append(each)
    return kept, used.total()


def known_causes(run: Run) -> Collection[tuple[str, str]]:
    """Return the rules, each with a path, for which the baseline accepts why a step of a range could not be judged.

    They tell why at the end of the range only; in a run of one step they speak for themselves.
    """
    if not run.comparison.ranged:
        return ()
    return {(code, path) for _, code, path in run.baseline.counting if code in run.rules}


def acceptance(
    count: int, findings: Iterable[Finding], blind: Collection[tuple[str, str]], run: Run, *, certain: bool
) -> Acceptance | None:
    """Return what a baseline accepts, or None where there is none; `count` findings were left out for it.

    `findings` are all that were found, and `blind` the rules that may have missed something, each with the place. Where
    not everything was looked at (`certain`), nothing is known to be gone.
    """
    if not run.baseline.recorded:
        return None
    gone = tuple(_gone(findings, blind, run)) if run.baseline.whole and certain else ()
    return Acceptance(count, gone)


def _gone(findings: Iterable[Finding], blind: Collection[tuple[str, str]], run: Run) -> Iterator[tuple[Identity, int]]:
    """Yield what the baseline has, and the run did not find where it looked."""
    found = Counter(each.identity for each in findings)
    for identity, count in run.baseline.recorded.items():
        _, code, path = identity
        looked = code in run.rules and not run.policy.leaves_out(code, path)
        looked = looked and not (run.comparison.ranged and looks_back(code))  # a range tells of these what is new
        if looked and count > found[identity] and not any((code, each) in blind for each in upwards(path)):
            yield identity, count - found[identity]
