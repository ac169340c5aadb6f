"""D304, D305, D309 and D310: the manifest as a whole says what is in dist/, once, and as of now."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Any

from statecheck.documents import (
    format_pointer,
    image_size,
    is_certainly_before,
    looks_like_time,
    show,
)
from statecheck.findings import Related
from statecheck.rules import Skipped, at, rule
from statecheck.trees import UnreadableError
from statecheck.workspaces import NOT_ARTIFACTS, manifest_time

from .located import about, located, locator, over_references
from .paths import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from statecheck.documents import MarkdownDocument, Pointer, StateDocument
    from statecheck.rules import Context, Violation
    from statecheck.workspaces import Located, Locator, Reference, View

IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
IMAGE_BYTES = 64 * 2**20
_SIZE = re.compile(r"^\s*(\d{1,9})\s*[xX×]\s*(\d{1,9})\s*(?:px)?\s*$")


@rule("D304", "repeated-variant", "warning", source="persist.md, Step 1")
def repeated_variant(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """No two variants have the same name, or name the same file.

    What holds
    Names are unique in the manifest, and so are the files that paths lead to.

    Why
    A reader that looks a variant up by name gets one of the two, and nobody knows which.

    Example
    Bad:  two variants with the name "dark"
    Good: "dark" and "dark-compact"

    Fix
    Unsafe: a variant that is the same as an earlier one in every field is dropped.
    """
    value = manifest.value if isinstance(manifest.value, dict) else {}
    variants = _list(value.get("variants"))
    copies = _copies(variants)
    names: dict[str, int] = {}
    said: set[int] = set()
    for index, variant in enumerate(variants):
        name = variant.get("name") if isinstance(variant, dict) else None
        if name is not None and not isinstance(name, str):
            yield Skipped(manifest.path, f"the name of variant {index} is no text", "S103")
        elif name is not None and names.setdefault(name, index) != index:
            said.add(index)
            yield _repeated(
                manifest, ("variants", index, "name"), f"name {show(name)}", names[name], index, same=index in copies
            )
    files: dict[str, int] = {}
    for each in located(manifest, workspace, context):
        if isinstance(each, Skipped):
            yield each
            continue
        reference, found = each
        if found.state == "unsafe":
            continue
        path = found.path or posixpath.normpath(reference.text)
        first = files.setdefault(path, reference.variant)
        if first != reference.variant and reference.variant not in said:
            said.add(reference.variant)
            yield _repeated(
                manifest,
                reference.pointer,
                f"file {reference.text}",
                first,
                reference.variant,
                same=reference.variant in copies,
            )


def _copies(variants: list[Any]) -> set[int]:
    """Return the numbers of the variants that are the same as an earlier one in every field."""
    written: dict[str, int] = {}
    return {
        index
        for index, each in enumerate(variants)
        if written.setdefault(json.dumps(each, sort_keys=True), index) < index
    }


def _repeated(manifest: StateDocument, pointer: Pointer, what: str, first: int, index: int, *, same: bool) -> Violation:
    line = manifest.place(manifest.span(("variants", first))).line
    return at(
        manifest,
        manifest.span(pointer),
        f"two variants have the {what}",
        hint="drop the repeated variant" if same else "give each variant its own name and files",
        subject=format_pointer(pointer),
        related=(Related(manifest.path, line, "the first one is here"),),
        facts={"drop": ("variants", index)} if same else None,
    )


@rule("D305", "unlisted-artifact", "warning", source=SOURCE, yields_to=("D306",))
def unlisted_artifact(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Every file in dist/ is named by the manifest.

    What holds
    Each file below dist/ that git does not ignore is named somewhere in the manifest, directly or as part of a
    folder.

    Why
    A file that nothing names is left over from an earlier iteration, or was forgotten. Either way the next reader
    cannot tell.

    Example
    Bad:  dist/old-logo.svg, which no variant names
    Good: every file of dist/ in a variant, or removed

    Fix
    Unsafe: a variant is added for the file. Nothing is ever removed from dist/.
    """
    look = locator(workspace, context)
    named: set[str] = set()
    judged: set[Pointer] = set()
    for each in located(manifest, workspace, context):
        if isinstance(each, Skipped):
            yield each
            return
        reference, found = each
        judged.add(reference.pointer)
        named |= look.named(reference.text, found)
    files = workspace.files_below(workspace.kind.dist)
    named.update(_mentioned(manifest, judged, look, workspace.join(workspace.kind.dist), set(files)))
    spec = workspace.spec_of(manifest.path)
    listed = spec.lists.files[0].split("/")[1] if spec is not None and spec.lists is not None else ""
    span = manifest.key_span((listed,))
    for path in files:
        name = posixpath.basename(path)
        if name in NOT_ARTIFACTS or any(path == each or path.startswith(f"{each}/") for each in _above(path, named)):
            continue
        inside = workspace.within(path)
        yield at(
            manifest,
            span,
            f"{inside} is in {workspace.kind.dist}/, and no variant names it",
            hint="name it in a variant, or remove the file",
            subject=inside,
            facts={"path": inside},
        )


def _above(path: str, named: set[str]) -> Iterable[str]:
    parts = path.split("/")
    return (each for end in range(1, len(parts) + 1) if (each := "/".join(parts[:end])) in named)


def _mentioned(
    manifest: StateDocument, judged: set[Pointer], look: Locator, dist: str, files: set[str]
) -> Iterator[str]:
    """Yield what fields other than the variants' paths name: previews and reports name files too.

    A word that happens to be the name of a folder, such as an artifact type, does not list what is in it.
    """
    for text in _strings(manifest.value, judged):
        for path in look.candidates(text):
            if path in files or ("/" in text and path.startswith(f"{dist}/")):
                yield path


def _strings(value: Any, left_out: set[Pointer]) -> Iterator[str]:
    """Yield every string that could be a path, but for those at some places."""
    pending: list[tuple[Pointer, Any]] = [((), value)]
    while pending:
        pointer, each = pending.pop()
        if isinstance(each, str):
            if 0 < len(each) < 1024 and "\n" not in each and pointer not in left_out:
                yield each
        elif isinstance(each, dict):
            pending.extend(((*pointer, key), inner) for key, inner in each.items())
        elif isinstance(each, list):
            pending.extend(((*pointer, index), inner) for index, inner in enumerate(each))


@rule("D309", "size-mismatch", "warning", source="persist.md, Step 1")
def size_mismatch(manifest: StateDocument, workspace: View, context: Context) -> Iterator[Violation | Skipped]:
    """Where the manifest gives pixel sizes, each image has one of them.

    What holds
    `sizes` holds numbers, "64x64", or width and height. A PNG, JPEG, GIF, WebP or SVG file of a variant has one of
    these sizes; for a number, its width or height is that.

    Why
    Icons and banners of the wrong size are scaled by whoever shows them, and nobody sees it before they do.

    Example
    Bad:  "sizes": ["64x64"] and an image of 48 by 48
    Good: "sizes": ["64x64"] and an image of 64 by 64

    Fix
    None: either the image or the manifest is wrong.
    """
    value = manifest.value if isinstance(manifest.value, dict) else {}
    sizes = [size for each in _list(value.get("sizes")) if (size := _pixels(each)) is not None]
    if not sizes or workspace.spec("manifest") is None:
        return iter(())
    wanted = ", ".join(_words(each) if isinstance(each, dict) else show(each) for each in value["sizes"])

    def judge(reference: Reference, found: Located) -> Violation | None:
        if found.state != "found" or not found.path.lower().endswith(IMAGES):
            return None
        width, height = _image_size(found.path, workspace)
        if width <= 0 or height <= 0 or any(_fits(size, width, height) for size in sizes):
            return None
        message = f"{reference.text} is {width}x{height}; sizes says {wanted}"
        return about(manifest, reference, message, hint="correct the sizes, or generate the image again")

    return over_references(manifest, workspace, context, judge)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(size: dict[str, Any]) -> str:
    return f"{size.get('width')}x{size.get('height')}"


def _pixels(size: Any) -> tuple[float | None, float | None] | None:
    """Return width and height, both None where a number may be either."""
    if isinstance(size, bool):
        return None
    if isinstance(size, int | float):
        return (size, None)
    if isinstance(size, dict):
        width, height = size.get("width"), size.get("height")
        both = isinstance(width, int | float) and isinstance(height, int | float)
        return (width, height) if both else None
    match = _SIZE.match(size) if isinstance(size, str) else None
    return (int(match.group(1)), int(match.group(2))) if match else None


def _fits(size: tuple[float | None, float | None], width: int, height: int) -> bool:
    wanted_width, wanted_height = size
    if wanted_height is None:
        return wanted_width in (width, height)
    return (wanted_width, wanted_height) == (width, height)


def _image_size(path: str, workspace: View) -> tuple[int, int]:
    """Return the size of an image in pixels, or a negative one where it cannot be read."""
    try:
        return image_size(workspace.tree.read(path, IMAGE_BYTES))
    except UnreadableError:
        return -1, -1


@rule("D310", "stale-manifest", "warning", source="persist.md, Step 1")
def stale_manifest(
    manifest: StateDocument, context: Context, workspace: View, log: MarkdownDocument | None = None
) -> Iterator[Violation | Skipped]:
    """The manifest's time goes forward.

    What holds
    It is not older than the entry of the previous iteration in refinement_log.md, and not older than the base's.

    Why
    The manifest is written anew in every iteration. One with an old time was not, and lists what an earlier
    iteration made.

    Example
    Bad:  iterations 2 and 3 logged at 10:00 and 11:00, and a manifest of 09:00
    Good: iterations 2 and 3 logged at 10:00 and 11:00, and a manifest of 10:55

    Fix
    None: when the manifest was generated is known only to who generated it.
    """
    field, stamp = manifest_time(manifest)
    if stamp is None:
        if field:
            cause = "S105" if isinstance(manifest.value[field], str) else "S103"
            yield Skipped(manifest.path, f"{field} is no timestamp", cause)
        return
    span = manifest.span((field,))
    entries = [entry for entry in workspace.log_entries("log") if entry.iteration is not None]
    previous = entries[-2] if len(entries) > 1 else None
    unread = previous is not None and previous.time is None and looks_like_time(previous.time_text or "")
    if log is not None and previous is not None and unread:
        yield Skipped(log.path, f"the time of {previous.heading.text!r} is no timestamp", "S105")
    if (
        log is not None
        and previous is not None
        and previous.time is not None
        and is_certainly_before(stamp, previous.time)
    ):
        yield at(
            manifest,
            span,
            f"{field} {stamp.text} is older than the previous iteration's entry, {previous.time.text}",
            hint="write the manifest anew with the current iteration",
            subject="previous iteration",
            related=(Related(log.path, previous.heading.line + 1, "the previous iteration is logged here"),),
        )
    base = context.before.usable("manifest") if context.before is not None else None
    _, before = manifest_time(base) if base is not None else ("", None)
    if context.before is not None and before is not None and is_certainly_before(stamp, before):
        yield at(
            manifest,
            span,
            f"{field} went backwards: {stamp.text}, after {before.text} in {context.before.tree.label}",
            hint="write the time at which the artifacts were made",
            subject="base",
        )
