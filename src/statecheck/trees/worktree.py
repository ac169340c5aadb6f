"""The working tree: files on disk, with git's index beside them where there is a repository."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from statecheck.trees.base import Entry, EntryKind, UnreadableError, resolve, upwards
from statecheck.trees.flat import FOLDER, GitTree, by_folder
from statecheck.trees.listed import WithOthers
from statecheck.trees.observation import stamp_of
from statecheck.trees.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from statecheck.trees.base import TreeKind
    from statecheck.trees.git import Repository
    from statecheck.trees.observation import Observer, Stamp

NEVER_ENTERED = frozenset({".git", "node_modules", ".venv", "venv", ".tox", ".nox", "site-packages", "__pycache__"})
"""Folders of other people's files: discovery and listings stay out of them at any depth."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_BUFFER = 64 * 1024
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_ENTRIES: dict[EntryKind, Entry] = {kind: Entry(kind) for kind in get_args(EntryKind)}


class WorkingTree:
    """Files on disk below `root`. `named` are the paths a user named: ignored files below them count."""

    kind: TreeKind = "worktree"
    label = "worktree"

    def __init__(self, root: str, repository: Repository | None = None, named: Sequence[str] = ()) -> None:
        self.root = root
        self._prefix = os.path.join(root, "")
        self._repository = repository
        self._named = named
        self.unlisted: dict[str, None] = {}
        """Folders that were looked into and may not be listed."""
        self._listings: dict[str, dict[str, Entry]] = {}
        self._files: Paths | None = None
        self._known: tuple[GitTree, frozenset[str]] | None = None
        self.observer: Observer | None = None
        """Is told what is asked, where somebody wants to know."""
        self.before_listing: dict[str, Stamp] | None = None
        """The stamp that each folder had before it was listed, where somebody wants to know."""

    def files(self) -> Paths:
        """Return tracked files that exist, untracked ones that git does not ignore, and what was named."""
        if self._files is None:
            if self._repository is None:
                self._files = Paths(dict.fromkeys(self._walk("")))
            else:
                seen = dict.fromkeys(self._untracked())
                known = WithOthers(self._repository.listing().staged, seen)
                self._files = Paths(known, lambda path: path in seen or self.entry(path) is not None)
        return self._files

    def entry(self, path: str) -> Entry | None:
        """Return what stands at exactly this path, case and Unicode form as on disk."""
        if not path:
            return FOLDER
        if self.observer is not None:
            self.observer.seen.entries.add(path)
        folder, _, name = path.rpartition("/")
        listing = self._listings.get(folder)
        return (self._children(folder) if listing is None else listing).get(name)

    def children(self, folder: str) -> dict[str, Entry]:
        """Return the entries of a real folder by name, ignored ones included."""
        if self.observer is not None:
            self.observer.seen.listings.add(folder)
        return self._children(folder)

    def _children(self, folder: str) -> dict[str, Entry]:
        unseen = []  # a loop, since a path may have more steps than calls may be nested
        while (listing := self._listings.get(folder)) is None and folder:
            folder, _, name = folder.rpartition("/")
            unseen.append(name)
        if listing is None:
            listing = self._listings[""] = self._seen("")
        for name in reversed(unseen):
            entry = listing.get(name)
            if entry is None or entry.kind != "folder":
                return {}
            folder = f"{folder}/{name}" if folder else name
            listing = self._listings[folder] = self._seen(folder)
        return listing

    def read(self, path: str, limit: int | None = None) -> bytes:
        """Return the content of a regular file inside the root. Raises `UnreadableError`.

        Opened without following a last link and without waiting for a writer, so that neither a FIFO nor a link
        put there in between can hold up or mislead the run.
        """
        real, found = path, self.entry(path)
        if found is None or found.kind != "file":
            real = resolve(self, path)
            found = self.entry(real)
        if self._repository is not None and found is not None and found.oid is not None:  # a sparse checkout lacks it
            return self._repository.index().read(real, limit)
        try:
            status, content = self._opened(path, real, limit)
        except UnreadableError:
            self._note_unknown()
            raise
        if self.observer is not None:
            self.observer.seen.note_read(real, stamp_of(status), content)
        return content

    def _opened(self, path: str, real: str, limit: int | None) -> tuple[os.stat_result, bytes]:
        try:
            handle = os.open(self.native(real), _FLAGS)
        except OSError as error:
            raise UnreadableError(path, _reason(error)) from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError(path, f"is no regular file but a {_kind_name(status.st_mode)}")
            if limit is not None and status.st_size > limit:
                raise UnreadableError(path, f"has {status.st_size} bytes; at most {limit} are read")
            return status, _read_all(handle, status.st_size)
        except OSError as error:
            raise UnreadableError(path, _reason(error)) from None
        finally:
            os.close(handle)

    def checked_out(self, path: str) -> bytes:
        """Return the content as it is: on disk, everything is checked out. Raises `UnreadableError`."""
        return self.read(path)

    def size(self, path: str) -> int:
        """Return the size in bytes of the regular file at `path`. Raises `UnreadableError`."""
        real = resolve(self, path)
        if self._repository is not None and self._sparse(real):
            return self._repository.index().size(real)
        try:
            status = os.lstat(self.native(real))
        except OSError as error:
            raise UnreadableError(path, _reason(error)) from None
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError(path, f"is no regular file but a {_kind_name(status.st_mode)}")
        if self.observer is not None:
            self.observer.seen.stamps[real] = stamp_of(status)
        return status.st_size

    def target(self, path: str) -> str:
        """Return the text of the symbolic link at `path`. Raises `UnreadableError`."""
        if self._repository is not None and self._sparse(path):
            return self._repository.index().target(path)
        try:
            return os.readlink(self.native(path)).replace(os.sep, "/")
        except OSError as error:
            raise UnreadableError(path, _reason(error)) from None

    def anew(self) -> WorkingTree:
        """Return the same tree as it stands now: nothing that was listed before is remembered."""
        return WorkingTree(self.root, self._repository, self._named)

    def executable(self, path: str) -> bool:
        """Say whether the regular file at `path` may be executed by its owner."""
        self._note_unknown()
        try:
            mode = os.lstat(self.native(path)).st_mode
        except OSError:
            return False
        return stat.S_ISREG(mode) and bool(mode & stat.S_IXUSR)

    def writable(self, path: str) -> bool:
        """Say whether a file can be written, or files can be created in a folder."""
        native = self.native(path)
        answer = os.access(native, os.W_OK | (os.X_OK if os.path.isdir(native) else 0))
        if self.observer is not None:
            self.observer.seen.writable[path] = answer
        return answer

    def ignored(self, path: str) -> bool:
        """Say whether git ignores a file, or all of a folder, on purpose: it is on disk and git lists nothing of it."""
        if self._repository is None or self.entry(path) is None:
            return False
        if self.observer is not None:
            self.observer.seen.others.add(("ignored", path))
        if self._known is None:
            listing = self._repository.listing()
            staged = GitTree("index", listing.staged, self._repository.objects)
            self._known = staged, frozenset(each for path in listing.untracked for each in upwards(path))
        return path not in self._known[1] and self._known[0].entry(path) is None

    def _note_unknown(self) -> None:
        """Have it known that something was asked whose answer nobody keeps."""
        if self.observer is not None:
            self.observer.seen.lasting = False

    def _is_ignored_file(self, name: str) -> bool:
        """Say whether a named file is ignored: its workspace, which it is judged in, then is as well."""
        entry = self.entry(name)
        return entry is not None and entry.kind == "file" and self.ignored(name) and "/" in name

    def untracked(self, path: str) -> bool:
        """Say whether a file, or all of a folder, is on disk and not in git's index."""
        if self.entry(path) is None:
            return False
        return self._repository is None or self._repository.index().entry(path) is None

    def _sparse(self, path: str) -> bool:
        """Say whether a sparse checkout leaves this file out: it is there, though only in the index."""
        found = self.entry(path)
        return found is not None and found.oid is not None

    def _seen(self, folder: str) -> dict[str, Entry]:
        """Return what stands in a folder: on disk, and in the index what a sparse checkout leaves out.

        A submodule is known by the index alone. Of a folder that may not be listed, the tracked files are there.
        """
        try:
            self._note_stamp(folder)
            found = _scan(self.native(folder))
        except PermissionError:
            self.unlisted[folder] = None
            self._note_unknown()
            found = {name: Entry(entry.kind) for name, entry in self._tracked(folder).items()}
        except OSError as error:
            found = {}
            if error.errno not in _NOT_THERE:  # another time it may go well
                self._note_unknown()
                (self.before_listing or {}).pop(folder, None)
        absent, submodules = self._set_apart
        absent_here = absent.get(folder)
        if submodules:
            prefix = f"{folder}/" if folder else ""
            for name, entry in found.items():
                if entry.kind == "folder" and prefix + name in submodules:
                    found[name] = _ENTRIES["submodule"]
        return {**absent_here, **found} if absent_here else found

    @cached_property
    def _set_apart(self) -> tuple[Mapping[str, Mapping[str, Entry]], Collection[str]]:
        """What a sparse checkout leaves out of each folder, and the paths of submodules."""
        absent, modules = ({}, frozenset[str]()) if self._repository is None else self._repository.apart()
        return by_folder(absent) if absent else {}, modules

    def _note_stamp(self, folder: str) -> None:
        """Note the stamp of a folder that lies in the same file system as all the others."""
        if self.before_listing is None:
            return
        with suppress(OSError):  # then it cannot be listed either
            status = os.lstat(self.native(folder))
            if status.st_dev == self._device:
                self.before_listing[folder] = stamp_of(status)

    @cached_property
    def _device(self) -> int:
        return os.lstat(self.root).st_dev

    def take_listing(self, folder: str, kinds: Mapping[str, EntryKind]) -> bool:
        """Take it for granted what stands in a folder, by name; say whether that may be, in the folder that it is.

        Only the disk may have a say in it: no sparse checkout, no submodule.
        """
        if any(self._set_apart):
            return False
        above, _, name = folder.rpartition("/")
        if folder and self._children(above).get(name) != FOLDER:
            return False
        self._listings.setdefault(folder, {name: _ENTRIES[kind] for name, kind in kinds.items()})
        return True

    def _tracked(self, folder: str) -> dict[str, Entry]:
        return {} if self._repository is None else self._repository.index().children(folder)

    def native(self, path: str) -> str:
        """Return a path as the operating system writes it."""
        return self._prefix + (path if os.sep == "/" else path.replace("/", os.sep)) if path else self.root

    def _untracked(self) -> Iterator[str]:
        assert self._repository is not None
        yield from self._repository.listing().untracked
        for name in self._named:
            if name:  # naming the whole repository is no way to name what it ignores
                yield from self._walk(name.rpartition("/")[0] if self._is_ignored_file(name) else name)

    def _walk(self, start: str) -> Iterator[str]:
        entry = self.entry(start)
        if entry is None:
            return
        if entry.kind != "folder":
            yield start
            return
        pending = [start]
        while pending:
            folder = pending.pop()
            children = self.children(folder)
            if folder != start and ("pyvenv.cfg" in children or ".git" in children):
                continue  # a virtual environment, or a repository of its own
            for name, child in children.items():
                path = f"{folder}/{name}" if folder else name
                if child.kind != "folder":
                    yield path
                elif name not in NEVER_ENTERED:
                    pending.append(path)


def _scan(folder: str) -> dict[str, Entry]:
    with os.scandir(folder) as found:
        return {item.name: _ENTRIES[_entry_kind(item)] for item in found}


def _entry_kind(item: os.DirEntry[str]) -> EntryKind:
    if item.is_file(follow_symlinks=False):
        return "file"
    if item.is_dir(follow_symlinks=False):
        return "folder"
    return "symlink" if item.is_symlink() else "special"


def _read_all(handle: int, size: int) -> bytes:
    """Return what is in an open file of that size, which may have grown or shrunk by now."""
    pieces = []
    if size < _BUFFER:
        whole = os.read(handle, size + 1)  # a small file is read at once: no more than this is its end
        if len(whole) == size:
            return whole
        pieces.append(whole)
    while piece := os.read(handle, _BUFFER):
        pieces.append(piece)
    return b"".join(pieces)


def _kind_name(mode: int) -> str:
    names = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "FIFO"), (stat.S_ISSOCK, "socket"))
    return next((name for test, name in names if test(mode)), "device")


def _reason(error: OSError) -> str:
    words = {
        errno.ENOENT: "does not exist",
        errno.ENOTDIR: "does not exist",
        errno.EACCES: "may not be read: permission denied",
        errno.ELOOP: "is a symbolic link",
        errno.EISDIR: "is no regular file but a folder",
        errno.ENXIO: "is no regular file but a socket",
    }
    return words.get(error.errno or 0, (error.strerror or str(error)).lower())
