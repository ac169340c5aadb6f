"""A repair as a file: what would be done, and what it was proven on. The schema ``plan`` is made from this."""

from __future__ import annotations

import base64
import difflib
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from statecheck import __version__
from statecheck.errors import OwnFileError, WriteError
from statecheck.repair.moves import digest_of
from statecheck.repair.transaction import New
from statecheck.trees import UnreadableError, normalize
from statecheck.trees.edits import OverlapError, Replace, apply_edits
from statecheck.trees.overlay import Overlay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from statecheck.repair.fixpoint import Repair
    from statecheck.trees import WorkingTree

MAX_LINES = 20_000
"""Lines of a file, less what is the same at both ends, that are compared one by one; more are one edit."""

_SHA256 = Field(pattern="^[0-9a-f]{64}$", description="A SHA-256 in hexadecimal.")


class PlanError(OwnFileError):
    """A plan cannot be used; the message says why."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ToolModel(_Model):
    """The program that made the plan."""

    name: Literal["statecheck"] = Field("statecheck", description="Its name.")
    version: str = Field(description="Its version.")


class ComparedModel(_Model):
    """What was compared with what when the plan was made."""

    base: str | None = Field(description="The revision that was compared with, or null.")
    head: str = Field(description="What was judged: worktree.")
    via: str = Field(description="How the base was found.")


class RepairedModel(_Model):
    """A finding that the plan mends."""

    code: str = Field(pattern="^[A-Z][0-9]{3}$", description="The rule.")
    name: str = Field(description="The name of the rule.")
    path: str = Field(description="The file it is in.")
    line: int = Field(ge=1, description="The line, counted from 1.")
    column: int = Field(ge=1, description="The column, counted from 1.")
    message: str = Field(description="What does not hold.")
    safety: Literal["safe", "unsafe"] = Field(description="Whether it chooses between what somebody wrote: unsafe.")
    summary: str = Field(description="What is done about it.")
    complete: bool = Field(description="Whether that settles it; if not, it is marked for a person to settle.")


class EditModel(_Model):
    """Bytes that are put in the place of others; offsets are of the file as it was read."""

    start: int = Field(ge=0, description="The first byte that is replaced.")
    end: int = Field(ge=0, description="The first byte after those that are replaced.")
    encoding: Literal["utf-8", "base64"] = Field(description="How the content is written: base64 where it is no text.")
    content: str = Field(description="What is put there.")


class ChangeModel(_Model):
    """What happens to one file. Without `before` it is made, without `after` it is removed."""

    path: str = Field(min_length=1, description="Relative to the root of the project, with forward slashes.")
    before: str | None = Field(pattern="^[0-9a-f]{64}$", description="The SHA-256 of the file as it was read, or null.")
    after: str | None = Field(pattern="^[0-9a-f]{64}$", description="The SHA-256 of the file as it will be, or null.")
    executable: bool = Field(description="Whether a file that is made may be executed.")
    copy_of: str | None = Field(description="The file that it is a copy of, as that was read: what is kept; or null.")
    edits: list[EditModel] = Field(description="In order, none overlapping another; of an empty file if it is made.")


class PlanFile(_Model):
    """What `fix-state --apply` will do, all or nothing, if no file has changed that the plan was proven on."""

    version: Literal[1] = Field(description="The version of this format.")
    tool: ToolModel = Field(title="The tool", description="What made this plan.")
    comparison: ComparedModel = Field(title="The comparison", description="What was compared with what.")
    reads: dict[str, str | None] = Field(
        description="The SHA-256 of each file that was read, by path; null for a file that will be made."
    )
    repairs: list[RepairedModel] = Field(description="What is mended, and why.")
    changes: list[ChangeModel] = Field(description="The files that change, in the order in which they are written.")


def plan_of(repair: Repair) -> str:
    """Return the file that plans a repair. Raises `WriteError` where a file's name cannot be written in one."""
    report = repair.report
    plan = {
        "version": 1,
        "tool": {"version": __version__},
        "comparison": {"base": report.base, "head": report.head, "via": report.via},
        "reads": {**{path: None for path, old in repair.originals.items() if old is None}, **repair.reads},
        "repairs": [
            {
                **{name: getattr(each.finding, name) for name in ("code", "name", "path", "line", "column", "message")},
                "safety": each.safety,
                "summary": each.summary,
                "complete": each.complete,
            }
            for each in repair.applied
        ],
        "changes": [_change(repair, path) for path in repair.changes],
    }
    try:
        return PlanFile.model_validate(plan).model_dump_json(indent=2) + "\n"
    except (ValidationError, UnicodeEncodeError):
        raise WriteError("no plan was written: the name of a file that was read is no valid UTF-8") from None


def parse_plan(data: bytes) -> PlanFile:
    """Return the plan that a file's content is. Raises `PlanError`."""
    try:
        plan = PlanFile.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PlanError(f"the plan cannot be used: {f'{place}: ' if place else ''}{first['msg']}") from None
    for path in (*plan.reads, *(change.path for change in plan.changes)):
        try:
            plain = normalize(path) == path and path != "" and "\0" not in path
        except UnreadableError:
            plain = False
        if not plain or ".git" in path.lower().split("/"):
            raise PlanError(f"the plan cannot be used: {path} is not inside the project")
    return plan


def planned_files(plan: PlanFile, disk: WorkingTree) -> list[New]:
    """Return what a plan writes, in its order. Raises `PlanError` where it does not fit what is there."""
    fresh = disk.anew()
    return [_new(change, plan, fresh) for change in plan.changes]


def _change(repair: Repair, path: str) -> dict[str, object]:
    old, new = repair.originals[path], repair.changes[path]
    original = next((each for each, content in repair.originals.items() if old is None and content == new), None)
    copied = original if new is not None and original != path else None
    edits = [] if new is None or copied is not None else list(_edits(old or b"", new))
    return {
        "path": path,
        "before": digest_of(old) if old is not None else None,
        "after": digest_of(new) if new is not None else None,
        "executable": path in repair.executable,
        "copy_of": copied,
        "edits": edits,
    }


def _edits(old: bytes, new: bytes) -> Iterator[dict[str, object]]:
    """Yield the edits, by whole lines, that make one content of another."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    tail = 0
    while tail < min(len(before), len(after)) - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    left, right = before[start : len(before) - tail], after[start : len(after) - tail]
    spans = [(0, len(left), 0, len(right))]
    if max(len(left), len(right)) <= MAX_LINES:
        matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
        spans = [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    offsets = [sum(map(len, before[:start]))]
    for line in left:
        offsets.append(offsets[-1] + len(line))
    for first, last, begin, end in spans:
        if (first, begin) != (last, end):
            yield {"start": offsets[first], "end": offsets[last], **_encoded(b"".join(right[begin:end]))}


def _encoded(content: bytes) -> dict[str, str]:
    try:
        return {"encoding": "utf-8", "content": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {"encoding": "base64", "content": base64.b64encode(content).decode("ascii")}


def _new(change: ChangeModel, plan: PlanFile, disk: WorkingTree) -> New:
    """Return what one change writes. Raises `PlanError`."""
    try:
        old = disk.read(change.path) if change.before is not None else None
        new = _content(change, old or b"", disk) if change.after is not None else None
    except (UnreadableError, OverlapError, ValueError) as error:
        raise PlanError(f"the plan does not fit {change.path}: {error}") from None
    digest = digest_of(new) if new is not None else None
    if digest != change.after or change.path not in plan.reads:
        raise PlanError(f"the plan does not fit {change.path}: what it makes of it is not what it says")
    return New(change.path, old, new)


def _content(change: ChangeModel, old: bytes, disk: WorkingTree) -> bytes:
    if change.copy_of is not None:
        return disk.read(change.copy_of)
    edits = []
    if not change.edits:
        return old
    for each in change.edits:
        content = each.content.encode() if each.encoding == "utf-8" else base64.b64decode(each.content, validate=True)
        edits.append(Replace(change.path, each.start, each.end, content))
    return apply_edits(Overlay(disk, {change.path: old}), edits)[change.path] or b""
