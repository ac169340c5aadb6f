"""The baseline of a run: which of its entries count, and what a change adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.cli.own_files import own_content
from statecheck.engine import Baseline
from statecheck.errors import OwnFileError
from statecheck.reporters.escape import escape_json
from statecheck.reporters.summary import plural
from statecheck.rules import Weakening
from statecheck.trees import LedgerTree
from statecheck.workspaces import BASELINE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from statecheck.baseline import BaselineFile
    from statecheck.findings import Acceptance, Identity
    from statecheck.history import Comparison
    from statecheck.trees import Tree


LIMIT = 16 * 2**20
"""Bytes of the largest baseline that is read."""


def load_baseline(tree: Tree) -> BaselineFile | None:
    """Return the baseline of a tree, or None where there is none. Raises `BaselineError`, and `OwnFileError`."""
    data = own_content(tree, BASELINE_FILE, LIMIT)
    if data is None:
        return None
    from statecheck.baseline import parse_baseline

    return parse_baseline(data)


def accepted(comparison: Comparison, *, whole: bool, wanted: bool) -> tuple[Baseline, tuple[Weakening, ...]]:
    """Return the baseline of the later tree as far as it counts, and what the change adds to it.

    Where a base has one too, only what both accept counts: no change accepts what it does itself. Without a base it
    counts as it is. `whole` says that the run looks at everything. Raises `BaselineError`, and `OwnFileError`.
    """
    file = load_baseline(comparison.after) if wanted else None
    if file is None:
        return Baseline(), ()
    from statecheck.baseline import additions, common

    recorded = file.counts()
    parents = [parent for parent in comparison.parents if parent.label and not isinstance(parent, LedgerTree)]
    bases, damaged = _bases(parents)
    if bases:
        more = additions(recorded, bases)
        words = (
            f"it accepts {more} more {'finding, which is' if more == 1 else 'findings, which are'} told all the same"
        )
        return Baseline(common(recorded, bases), recorded, whole), _told(words if more else "")
    words = f"the change brings a baseline of {plural(sum(recorded.values()), 'finding')}"
    words += ", in the place of a damaged one" if damaged else ""
    return Baseline(recorded, recorded, whole), _told(words if parents and recorded else "")


def shrunk(tree: Tree, acceptance: Acceptance | None) -> tuple[bytes, bytes] | None:
    """Return the baseline of a tree as it is, and less what is gone; None where nothing is. Raises `BaselineError`."""
    data = own_content(tree, BASELINE_FILE, LIMIT)
    if data is None or acceptance is None or not acceptance.gone:
        return None
    from statecheck.baseline import parse_baseline

    less = content(parse_baseline(data).without(dict(acceptance.gone)))
    return data, less.replace(b"\n", b"\r\n") if b"\r\n" in data else less


def content(file: BaselineFile) -> bytes:
    """Return what is written of a baseline: harmless to show, though it quotes files that may not be."""
    return escape_json(file.text()).encode()


def _bases(parents: Iterable[Tree]) -> tuple[list[Mapping[Identity, int]], bool]:
    """Return what the baselines of the parents accept, and whether one of them is damaged: it counts for nothing.

    That of the later tree has to be good; so a damaged one that was committed can be mended.
    """
    found: list[Mapping[Identity, int]] = []
    damaged = False
    for parent in parents:
        try:
            file = load_baseline(parent)
        except OwnFileError:
            damaged = True
        else:
            found += [] if file is None else [file.counts()]
    return found, damaged


def _told(words: str) -> tuple[Weakening, ...]:
    return (Weakening(BASELINE_FILE, words),) if words else ()
