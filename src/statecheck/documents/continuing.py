"""A log that goes on from an older version of it: what was found in its old part is not looked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents.logs import entries
from statecheck.documents.markdown import Markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from statecheck.documents.log_course import Course
    from statecheck.documents.logs import Entry, Grammar
    from statecheck.documents.model import MarkdownDocument
    from statecheck.documents.work_log import WorkLog


class Known:
    """What was worked out of the latest version of a log that somebody asked about: its next version goes on from it.

    Whether it does is seen by its entries.
    """

    def __init__(self) -> None:
        self.course: Course | None = None
        self.work: WorkLog | None = None


def continued_entries(
    new: MarkdownDocument, old: MarkdownDocument, found: Sequence[Entry], grammar: Grammar
) -> list[Entry] | None:
    """Return the entries of a log that begins with all of an older version of it, or None where to find them anew.

    `found` are the entries of the old version. Its last one may go on; what stands before that is as it was: nothing
    in Markdown reaches over a heading at the beginning of a line.
    """
    if not found or found[-1].heading.level == 1:
        return None
    line = found[-1].heading.line
    start = old.lines.start(line)
    if not new.text.startswith("#", start):
        return None
    rest = Markdown(new.text[start:])
    added = entries(rest, grammar)
    if not added or added[0].heading.line != 0:
        return None
    new.continue_from(old, found[-1], rest)
    return [*found[:-1], *(_moved(each, line, start) for each in added)]


def _moved(entry: Entry, lines: int, characters: int) -> Entry:
    """Return an entry of the rest of a log as one of the whole log. Its text is that of the rest."""
    heading, time = entry.heading, entry.time_span
    return entry._replace(
        heading=heading._replace(line=heading.line + lines, span=heading.span.moved(characters)),
        end_line=entry.end_line + lines,
        time_span=None if time is None else time.moved(characters),
    )
