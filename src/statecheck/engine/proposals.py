"""What fixers propose for a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.findings import FixNote
from statecheck.rules import fixers_for

if TYPE_CHECKING:
    from statecheck.findings import Safety
    from statecheck.rules import Context, Fix, Violation
    from statecheck.workspaces import View


def fix_note(code: str, violation: Violation, view: View, context: Context) -> FixNote | None:
    """Return what could be done about a violation: the safe way that settles it, else the unsafe one, else less.

    Where the unsafe way settles it, and the safe one does less, the note names both: no run does what none announced.
    """
    safe = propose(code, violation, view, context, "safe")
    if safe is not None and safe.complete:
        return FixNote("safe", safe.summary)
    unsafe = propose(code, violation, view, context, "unsafe")
    if unsafe is not None and (unsafe.complete or safe is None):
        meanwhile = "" if safe is None else f"; fix-state alone can {safe.summary}"
        return FixNote("unsafe", unsafe.summary + meanwhile, unsafe.complete)
    return None if safe is None else FixNote("safe", safe.summary, complete=False)


def propose(code: str, violation: Violation, view: View, context: Context, *safeties: Safety) -> Fix | None:
    """Return the first fix of these safeties that a fixer of the rule proposes, and that edits nothing excluded."""
    for fixer in fixers_for(code):
        if fixer.safety in safeties:
            try:
                fix = fixer.function(violation, view, context)
            except (TypeError, KeyError, IndexError, AttributeError, ValueError):
                continue  # a mistake in a fixer must not take the finding with it: nothing is proposed
            if fix is not None and fix.edits and not any(context.excluded(edit.path) for edit in fix.edits):
                return fix
    return None
