"""A workspace as it stands in one tree: its documents by role, parsed once, when they are asked for."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import ref

from statecheck.documents import (
    Document,
    Entry,
    Known,
    LogChanges,
    LogVersion,
    MarkdownDocument,
    RememberedLog,
    Schema,
    SchemaStore,
    StateDocument,
    WrittenLog,
    appended_log,
    compare_logs,
    continued_entries,
    history,
    kept,
    read_document,
)
from statecheck.trees import LEDGER, LogRecord, UnreadableError, files_of, is_blob, record_of, size_by_id
from statecheck.workspaces.discovery import matches
from statecheck.workspaces.logged import read_entries
from statecheck.workspaces.long_logs import long_log
from statecheck.workspaces.places import layout, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from statecheck.documents import Grammar
    from statecheck.trees import Files, Tree
    from statecheck.trees.edits import Write
    from statecheck.workspaces.discovery import Workspace
    from statecheck.workspaces.kinds import DocumentSpec, Kind
    from statecheck.workspaces.long_logs import LongLog, PastLogs


class View:
    """A workspace in a tree. `files` are those of the tree that count as state; `past` has what was found earlier."""

    def __init__(
        self, workspace: Workspace, tree: Tree, files: Files, schemas: SchemaStore, past: PastLogs | None = None
    ) -> None:
        self.workspace = workspace
        self.tree = tree
        self.kind: Kind = workspace.kind
        self.folder = workspace.folder
        """The folder of the workspace, relative to the root of the tree."""
        self._files = files
        self.kept: dict[tuple[Any, ...], Any] = {}
        self._layout = layout(workspace.kind)
        self._of_role: dict[str, list[Document]] = {}
        self._schemas = schemas
        self._documents: dict[str, Document] = {}
        self._found: dict[str, Sequence[Entry]] = {}
        self._changes: dict[tuple[object, ...], LogChanges | None] = {}
        self._untouched: dict[ref[View], bool] = {}  # older views need not stay: nor may another one take their place
        self._known: dict[str, Known] = {}
        self._past = past
        self.later: View | None = None  # as it is in the tree that is judged: the same objects are read once

    @property
    def name(self) -> str:
        """The name of the folder of the workspace."""
        return self.folder.rpartition("/")[2]

    def seen_in(self, tree: Tree) -> View:
        """Return the workspace as it stands in another tree."""
        return View(self.workspace, tree, files_of(tree), self._schemas.of(tree))

    def join(self, path: str) -> str:
        """Return a path below the workspace folder as a path of the tree."""
        return f"{self.folder}/{path}" if self.folder else path

    def within(self, path: str) -> str:
        """Return a path of the tree as one below the workspace folder; one that is not below it stays as it is."""
        return path.removeprefix(f"{self.folder}/") if self.folder else path

    def spec(self, role: str) -> DocumentSpec | None:
        """Return what the kind knows of a role, or None where the kind has no such role."""
        return self._layout.specs.get(role)

    def paths(self, role: str) -> list[str]:
        """Return the paths of the documents of a role that are there."""
        return self._paths.get(role, [])

    @cached_property
    def _paths(self) -> dict[str, list[str]]:
        return places(self.kind, self.tree, self.folder, self._files)

    def documents(self, role: str) -> list[Document]:
        """Return the documents of a role."""
        if role not in self._paths:
            return []
        if role not in self._of_role:
            spec = self._layout.specs[role]
            self._of_role[role] = [self._read(path, spec) for path in self._paths[role]]
        return self._of_role[role]

    def document(self, role: str) -> Document | None:
        """Return the document of a role, or None where it is not there."""
        found = self.documents(role)
        return found[0] if found else None

    def usable(self, role: str) -> StateDocument | None:
        """Return the JSON or YAML document of a role, or None where it is missing or damaged."""
        found = self.document(role)
        return found if isinstance(found, StateDocument) and found.usable else None

    def every_document(self) -> Iterator[tuple[DocumentSpec, Document]]:
        """Yield every document that is there, in the kind's order of writing."""
        for spec in self.kind.documents:
            for document in self.documents(spec.role):
                yield spec, document

    def spec_of(self, path: str) -> DocumentSpec | None:
        """Return what the kind knows of the document at `path`, or None where it is none."""
        return self._spec_by_path.get(path)

    @cached_property
    def _spec_by_path(self) -> dict[str, DocumentSpec]:
        return {path: spec for spec in reversed(self.kind.documents) for path in self.paths(spec.role)}

    def schema(self, spec: DocumentSpec) -> Schema | None:
        """Return the schema in force for a document: the workspace's own, else the bundled one."""
        return self._schema(spec.schema) if spec.schema else None

    @kept
    def _schema(self, name: str) -> Schema:
        return self._schemas.in_force(name, self.folder)

    @kept
    def log_entries(self, role: str) -> Sequence[Entry]:
        """Return the entries of a log that can be read, oldest first; none where it is missing or damaged."""
        spec = self.spec(role)
        found = self.every_entry(role)
        remembered = found and record_of(self.tree, self.paths(role)[0]) is not None  # a ledger has them in order
        grammar = spec and spec.grammar
        return history(found, grammar) if grammar is not None and not remembered else found

    def every_entry(self, role: str) -> Sequence[Entry]:
        """Return what the headings of a log begin, drafts included, as it stands; nothing where it is damaged."""
        if role not in self._found:
            again = None if (log := self._long_log(role)) is None else log.read_on(self._past)
            if again is None:
                self._found[role] = read_entries(self.spec(role), self.document(role))
            else:
                self._found[role], self._known[role] = again
        return self._found[role]

    def long_logs(self) -> Iterator[tuple[str, Grammar, Any]]:
        """Yield the paths and the grammars of the long logs that were read, and what to keep of each."""
        for role, entries in self._found.items():
            log = self._long_log(role)
            past = None if log is None else log.past(entries, self.known(role), self.tree)
            if log is not None and past is not None:
                yield log.document.path, log.grammar, past

    def _long_log(self, role: str) -> LongLog | None:
        log = long_log(self.spec(role), self.document(role))
        return None if log is None or self._is_shared(log.document) else log

    def _is_shared(self, document: Document) -> bool:
        """Say whether several roles read a document, each in its way."""
        return sum(document.path in paths for paths in self._paths.values()) > 1

    def log_entry_at(self, role: str, line: int) -> int | None:
        """Return the number of the entry of a log that a line, counted from 0, belongs to; None before the first."""
        entries = self.log_entries(role)
        backwards = len(entries) > 1 and entries[0].heading.line > entries[-1].heading.line
        before = bisect_right(entries[::-1] if backwards else entries, line, key=lambda entry: entry.heading.line)
        return None if not before else len(entries) - before if backwards else before - 1

    @kept
    def log_version(self, role: str) -> LogVersion | None:
        """Return a log as it is compared, or None where it is missing or damaged."""
        spec, found = self.spec(role), self.document(role)
        if spec is None or spec.grammar is None or found is None or not found.usable:
            return None
        record = record_of(self.tree, found.path)
        if isinstance(record, LogRecord):
            return RememberedLog(record, self.log_entries(role))
        return WrittenLog(found, self.every_entry(role), spec.grammar)

    def log_changes(self, role: str, before: View, parents: Sequence[View] = ()) -> LogChanges | None:
        """Return what happened to a log since `before`, or None where either version is missing or damaged.

        `parents` are all that a merge comes from, `before` among them.
        """
        key = role, ref(before), *map(ref, parents)
        if key not in self._changes:
            length = self._length_begun_in(role, before)
            if length is not None:
                self._continue_from(role, before)
            new = self.log_version(role)
            if length is not None and isinstance(new, WrittenLog):
                return self._changes.setdefault(key, appended_log(length, new))
            old = before.log_version(role)
            others = (parent.log_version(role) for parent in parents if parent is not before)
            elsewhere = {digest for other in others if other is not None for digest in other.digests}
            self._changes[key] = (
                compare_logs(old, new, elsewhere) if old is not None and isinstance(new, WrittenLog) else None
            )
        return self._changes[key]

    def known(self, role: str) -> Known:
        """Return what is known of a log from other versions, to go on from, and to be noted there for the next one."""
        return self._known.setdefault(role, Known())

    @property
    def bytes_read(self) -> int:
        """How many bytes the documents have that were read."""
        return sum(len(document.data) for document in self._documents.values())

    def take_over(self, before: View) -> None:
        """Take over the documents that `before` has read of files that are the same objects here, and their entries."""
        for path, document in before._documents.items() if self.kind is before.kind else ():
            if path not in self._documents and self._is_same_object(path, before.tree):
                self._documents[path] = document
        for role in [role for role, entries in before._found.items() if entries]:
            path = before.paths(role)[0]
            if path in self._documents and self._documents[path] is before._documents.get(path):
                self._continue_from(role, before)

    def _length_begun_in(self, role: str, before: View) -> int | None:
        """Return the length in bytes of a log in `before` that the log here begins with, by its object id."""
        spec, document, path = self.spec(role), self.document(role), next(iter(before.paths(role)), None)
        if spec is None or spec.grammar is None or spec.grammar.newest_first or document is None or path is None:
            return None
        if path == document.path and self._is_same_object(path, before.tree):
            return len(document.data)
        entry, known = before.tree.entry(path), before._documents.get(path)
        if known is not None and known.usable and entry is not None and entry.oid is not None:  # it was read by its id
            return len(known.data) if document.data.startswith(known.data) else None
        return blob[0] if (blob := size_by_id(before.tree, path)) and document.begins_with(*blob) else None

    def _continue_from(self, role: str, before: View) -> None:
        """Take over the entries of a log that begins with that of `before`, where they were read there."""
        spec, new, old = self.spec(role), self.document(role), before._documents.get(before.paths(role)[0])
        found = None if role in self._found else before._found.get(role)
        if not found or spec is None or spec.grammar is None or new is None or self._is_shared(new):
            return
        entries: Sequence[Entry] | None = None
        if new is old:
            entries = found
        elif isinstance(new, MarkdownDocument) and isinstance(old, MarkdownDocument) and new.usable and old.usable:
            entries = continued_entries(new, old, found, spec.grammar)
        if entries is not None:
            self._found[role] = entries
            self._known[role] = before.known(role)

    def owns(self, path: str) -> bool:
        """Say whether a path is where the kind has a document of this workspace, whether or not it is there."""
        below = f"{self.folder}/" if self.folder else ""
        patterns = (pattern for spec in self.kind.documents for pattern in spec.patterns)
        return path.startswith(below) and any(matches(pattern, path.removeprefix(below)) for pattern in patterns)

    def is_state(self, path: str) -> bool:
        """Say whether a file counts as state: tracked, or untracked and not ignored."""
        return path in self._files

    @property
    def ended(self) -> bool:
        """Whether its work is over and filed away: by where it lies, or by what it says."""
        if self.workspace.archived or self.kind.ended is None:
            return self.workspace.archived
        role, field, value = self.kind.ended
        document = self.usable(role)
        return document is not None and isinstance(document.value, dict) and document.value.get(field) == value

    def same_as(self, other: View) -> bool:
        """Say whether another view of the workspace has the same documents and, in a folder of its own, files."""
        return self.is_untouched_since(other) or self._over() == other._over()

    def _over(self) -> tuple[dict[str, bytes], list[str]]:
        """Return what is over when the work is: all of a folder of its own, else the files of roles that say so."""
        over = (document for spec, document in self.every_document() if self.kind.folders or spec.described)
        return {document.path: document.data for document in over}, self.own_files()

    def is_untouched_since(self, before: View) -> bool:
        """Say whether a workspace in a folder of its own has the files that it had, and its documents say the same.

        Of one whose work is over, every file has to. Nothing of `before` is read: git's object ids tell.
        """
        since = ref(before)
        if since not in self._untouched:
            files = self.own_files()
            same = bool(files) and self.folder == before.folder and files == before.own_files()
            same = same and all(self._is_same_object(path, before.tree) for path in self._spec_by_path)
            same = same and (not self.ended or all(self._is_same_object(path, before.tree) for path in files))
            self._untouched[since] = same
        return self._untouched[since]

    def _is_same_object(self, path: str, before: Tree) -> bool:
        now, then = self.tree.entry(path), before.entry(path)
        if now is None or then is None or not now.kind == then.kind == "file" or then.oid is None:
            return False
        if now.oid is not None:
            return now.oid == then.oid
        known = self._documents.get(path)
        try:
            return is_blob(known.data if known is not None else self.tree.read(path), then.oid)
        except UnreadableError:
            return False

    def own_files(self) -> list[str]:
        """Return the state files of the workspace's folder; none for a kind that shares its folder with others."""
        return self.files_below("") if self.kind.folders else []

    @property
    def emptied(self) -> bool:
        """Whether nothing is left in a folder of its own."""
        return bool(self.kind.folders) and next(self.every_document(), None) is None and not self.own_files()

    def files_below(self, folder: str) -> list[str]:
        """Return the state files below a folder of the workspace, sorted."""
        return sorted(self._files.below(self.join(folder).rstrip("/")))

    def label_of(self, path: str) -> str:
        """Return the word for where a file of this view comes from: the tree, or the ledger beside it."""
        if record_of(self.tree, path) is not None:
            return LEDGER
        return self.tree.label.removesuffix(f" and {LEDGER}")

    def restorable(self, path: str) -> bytes | None:
        """Return a file as a checkout would write it, or None where it is not here, or a ledger only remembers it."""
        if record_of(self.tree, path) is not None:
            return None
        try:
            return self.tree.checked_out(path)
        except UnreadableError:
            return None

    def restoration(self, path: str, place: str) -> Write | None:
        """Return the edit that writes a file of this view at a place, or None where it is no file that it has."""
        from statecheck.trees.edits import Write

        content, entry = self.restorable(path), self.tree.entry(path)
        if content is None or entry is None or entry.kind != "file":
            return None
        return Write(place, content, executable=entry.executable)

    def _read(self, path: str, spec: DocumentSpec) -> Document:
        if path not in self._documents:
            same = None if self.later is None else self.later.same_document(path, self.tree)
            self._documents[path] = read_document(self.tree, path, spec.format) if same is None else same
        return self._documents[path]

    def same_document(self, path: str, before: Tree) -> Document | None:
        """Return a document that was read and can be used, if it is the same object in another tree."""
        known = self._documents.get(path)
        return known if known is not None and known.usable and self._is_same_object(path, before) else None
