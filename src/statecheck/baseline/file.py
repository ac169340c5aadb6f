"""The file of a baseline: JSON, described by the schema ``baseline`` that is made from this."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from statecheck.documents import StateDocument, format_pointer, parse_document
from statecheck.errors import OwnFileError
from statecheck.findings import as_text
from statecheck.workspaces import BASELINE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from statecheck.documents import Place, Pointer
    from statecheck.findings import Finding, Identity


MAX_PATH = 2**15
"""Characters of the longest path: no system has longer ones."""


class BaselineError(OwnFileError):
    """The baseline cannot be used; the message says where and why. It is never ignored silently."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Entry(_Model):
    """A finding that is accepted, with its message as it was recorded."""

    fingerprint: str = Field(pattern="^[0-9a-f]{16}$", description="What it is known by. It stays when lines move.")
    code: str = Field(pattern="^[A-Z][0-9]{3}$", description="The rule, e.g. D301.")
    path: str = Field(
        max_length=MAX_PATH, description="The file, relative to the root of the project, with '/' between folders."
    )
    message: str = Field(description="What it said when it was recorded, for people to read.")
    count: int = Field(default=1, ge=1, description="How many such findings are accepted; 1 if not given.")

    @property
    def identity(self) -> Identity:
        """What the findings are known by that it accepts."""
        return self.fingerprint, self.code, self.path


class BaselineFile(_Model):
    """The findings that a project accepts for now: check-state does not tell them. It only ever shrinks."""

    version: Literal[1] = Field(description="The version of this format.")
    entries: list[Entry] = Field(description="What is accepted, by path and code.")

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> BaselineFile:
        """Return the baseline that accepts these findings."""
        found = sorted(findings, key=lambda each: (each.identity[2], each.code, each.fingerprint))
        counts = Counter(each.identity for each in found)
        first = {each.identity: each for each in reversed(found)}
        entries = [_entry(first[identity], count) for identity, count in counts.items()]
        return cls(version=1, entries=entries)

    def counts(self) -> dict[Identity, int]:
        """Return how often each finding is accepted."""
        return {each.identity: each.count for each in self.entries}

    def without(self, gone: Mapping[Identity, int]) -> BaselineFile:
        """Return the baseline less what is no longer needed, how often each."""
        left = ((each, each.count - gone.get(each.identity, 0)) for each in self.entries)
        return BaselineFile(
            version=1, entries=[each.model_copy(update={"count": count}) for each, count in left if count > 0]
        )

    def text(self) -> str:
        """Return the file's content."""
        return json.dumps(self.model_dump(exclude_defaults=True), indent=2, ensure_ascii=False) + "\n"


def parse_baseline(data: bytes) -> BaselineFile:
    """Return the baseline that a file's content is. Raises `BaselineError`."""
    document = parse_document(BASELINE_FILE, data, "json")
    assert isinstance(document, StateDocument)
    if document.problems:
        problem = document.problems[0]
        raise _damaged(document.place(problem.span), "", problem.message)
    try:
        baseline = BaselineFile.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _damaged_at(document, first["loc"], f"{first['msg'][:1].lower()}{first['msg'][1:]}") from None
    seen: set[Identity] = set()
    for number, each in enumerate(baseline.entries):
        if each.identity in seen:
            raise _damaged_at(document, ("entries", number), f"{each.code} of {each.path} has an entry already")
        seen.add(each.identity)
    return baseline


def _entry(finding: Finding, count: int) -> Entry:
    fingerprint, code, path = finding.identity
    return Entry(fingerprint=fingerprint, code=code, path=path, message=as_text(finding.message), count=count)


def _damaged_at(document: StateDocument, pointer: Pointer, what: str) -> BaselineError:
    """Return the error that says what is wrong with a value, or with the nearest one above it that is there."""
    where = f" at {format_pointer(pointer)}" if pointer else ""
    return _damaged(document.place(document.span(pointer)), where, what)


def _damaged(place: Place, where: str, what: str) -> BaselineError:
    return BaselineError(
        f"{BASELINE_FILE}:{place.line}:{place.column}: the baseline is damaged{where}: {what}. Restore it; or look at "
        "everything with --no-baseline, remove it and run statecheck baseline."
    )
