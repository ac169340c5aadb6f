"""What fixers propose for a violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Span
from statecheck.findings import Change, FixNote
from statecheck.rules import fixers_for

if TYPE_CHECKING:
    from statecheck.documents import Document
    from statecheck.findings import Safety
    from statecheck.rules import Context, Fix, Violation
    from statecheck.workspaces import View


def fix_note(code: str, violation: Violation, view: View, context: Context) -> FixNote | None:
    """Return what could be done about a violation: the safe way that settles it, else the unsafe one, else less.

    Where the unsafe way settles it, and the safe one does less, the note names both: no run does what none announced.
    """
    safe = propose(code, violation, view, context, "safe")
    if safe is not None and safe.complete:
        changes = _changes(violation.document, safe) if violation.document is not None else ()
        return FixNote("safe", safe.summary, changes=changes)
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


def _changes(document: Document, fix: Fix) -> tuple[Change, ...]:
    """Return what a fix makes of one document, in lines and columns; nothing where it touches any other file."""
    from statecheck.trees.edits import Replace

    found = []
    for edit in fix.edits:
        if not isinstance(edit, Replace) or edit.path != document.path:
            return ()
        try:
            start = document.character_offset(edit.start)
            piece, text = document.data[edit.start : edit.end].decode(), edit.content.decode()
        except UnicodeDecodeError:
            return ()
        found.append(Change(edit.path, *document.place(Span(start, start + len(piece))), text))
    return tuple(found)
