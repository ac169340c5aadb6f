"""S101 and S102: a document can be read, and reads the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import StateDocument
from statecheck.findings import Related
from statecheck.rules import at, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.documents import Document
    from statecheck.rules import Violation


MEND = "correct it here, or restore the last version that could be read"


@rule(
    "S101",
    "unreadable-document",
    "error",
    source="persist.md, Rules 3 and 4; persistence-architecture.md, Write Protocol",
    purposes=("state", "log", "template"),  # of a memory that is no text M509 speaks, and all else goes on
    yields_to=("W904",),
)
def unreadable_document(file: Document) -> Iterator[Violation]:
    """A state file is one readable JSON or YAML document in UTF-8.

    What holds
    JSON and YAML files parse: no syntax error, nothing after the value, not cut off, no merge conflict marker, no
    NaN, no byte order mark, no number or nesting that readers refuse. Logs and templates are UTF-8 text.

    Why
    The next session reads this file first. If it cannot, everything the agent knew is gone, and most agents start
    over without saying so.

    Example
    Bad:  {"status": "in_progress", "currentMile
    Good: {"status": "in_progress", "currentMilestone": "M2"}

    Fix
    Safe: a byte order mark is removed. Unsafe: the last readable version is restored from the base; the damaged
    file is kept whole in the quarantine.
    """
    for problem in file.problems:
        conflict = problem.code == "W904" and isinstance(file, StateDocument)
        if problem.code == "S101" or conflict:
            yield at(file, problem.span, problem.message, hint=problem.hint or MEND, facts={"kind": problem.kind})


@rule("S102", "duplicate-key", "error", source="persist.md, Rule 3", formats=("json", "yaml"))
def duplicate_key(document: StateDocument) -> Iterator[Violation]:
    """No object has a key twice.

    What holds
    Within each object of a JSON or YAML file every key is there once.

    Why
    Readers do not agree on which of the two counts. Most keep the last and lose the first without a word.

    Example
    Bad:  {"status": "done", "status": "in_progress"}
    Good: {"status": "in_progress"}

    Fix
    Unsafe: the last one is kept, as nearly all readers do; the file as it was is kept in the quarantine.
    """
    for problem in document.problems:
        if problem.code == "S102" and problem.related is not None:
            first = Related(document.path, document.place(problem.related).line, "the first one is here")
            yield at(
                document,
                problem.span,
                problem.message,
                hint=problem.hint,
                related=(first,),
                facts={"first": problem.related},
            )
