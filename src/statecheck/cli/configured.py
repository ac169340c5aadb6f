"""The configuration of a run: where it is found, which one counts, and what a change of it takes away."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from statecheck.cli.own_files import own_content
from statecheck.documents import parse_document, read_document
from statecheck.rules import Weakening
from statecheck.trees import LedgerTree, UnreadableError, WorkingTree
from statecheck.tuples import NamedTuple
from statecheck.workspaces import MemorySettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from statecheck.configuration import Configuration
    from statecheck.history import Comparison
    from statecheck.trees import Repository, Tree

CONFIGURATION_FILE, PROJECT_FILE = "statecheck.toml", "pyproject.toml"


class Found(NamedTuple):
    """The file of a configuration, and its content."""

    path: str
    data: bytes


class Configurations:
    """The configurations that a run may go by: those nearest to a folder, upwards, on disk and in commits.

    The one on disk has to be good, even where another counts. Raises `ConfigurationError`, and `OwnFileError`.
    """

    def __init__(self, disk: WorkingTree, repository: Repository | None, folder: str) -> None:
        self._repository, self._folder = repository, folder
        self._head = None if repository is None else repository.revision("HEAD")
        self.here = _nearest(folder, lambda path: _on_disk(disk, path))
        self.default = None if self.here is None else (self.here, _require(self.here))
        """The one that counts where no other base is asked for: of HEAD, or on disk where there is no commit."""
        if self._head is not None:
            self.default = self.of_commit(self._head)

    def of_commit(self, commit: str) -> tuple[Found, Configuration] | None:
        """Return the configuration of a commit. One that cannot be used counts for nothing: the one on disk can."""
        assert self._repository is not None
        found = nearest_in(self._repository.glimpse(commit), self._folder)
        if found is None:
            return None
        from statecheck.configuration import ConfigurationError

        try:
            return found, _require(found)
        except ConfigurationError:
            return None

    def counting(self, comparison: Comparison, *, based: bool) -> tuple[Found, Configuration] | None:
        """Return the configuration that counts: of the base that was asked for (`based`), or of a range; else of HEAD.

        So no change chooses what it is judged by. Without a commit it is the one on disk.
        """
        asked = based or comparison.after.kind == "commit"
        if not asked or self._head is None or comparison.base in (None, self._head):
            return self.default
        return self.of_commit(str(comparison.base))


def nearest_in(tree: Tree, folder: str) -> Found | None:
    """Return the file of the configuration of a tree that is nearest to a folder, upwards."""

    def content(path: str) -> bytes | None:
        entry = tree.entry(path)
        try:
            return tree.read(path) if entry is not None and entry.kind == "file" else None
        except UnreadableError:
            return None

    return _nearest(folder, content)


def configured_above(folder: str) -> str | None:
    """Return the nearest folder upwards on disk, without version control, that has a configuration."""
    above = folder
    while True:
        shared = os.path.isfile(os.path.join(above, PROJECT_FILE))
        if os.path.lexists(os.path.join(above, CONFIGURATION_FILE)) or (
            shared and nearest_in(WorkingTree(above), "") is not None
        ):
            return above
        if above == os.path.dirname(above):
            return None
        above = os.path.dirname(above)


def _nearest(folder: str, content: Callable[[str], bytes | None]) -> Found | None:
    for each in _upwards(folder):
        own = posixpath.join(each, CONFIGURATION_FILE)
        data = content(own)
        if data is not None:
            return Found(own, data)
        shared = posixpath.join(each, PROJECT_FILE)
        data = content(shared)
        if data is not None and _has_table(data):
            return Found(shared, data)
    return None


def _on_disk(disk: WorkingTree, path: str) -> bytes | None:
    """Return the content of a file that may be a configuration; a pyproject.toml that is no file is none."""
    entry = disk.entry(path)
    passed_by = entry is not None and entry.kind != "file" and path.rpartition("/")[2] == PROJECT_FILE
    return None if passed_by else own_content(disk, path)


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _has_table(data: bytes) -> bool:
    """Say whether a pyproject.toml has a table for statecheck, or names it and is no TOML."""
    if b"statecheck" not in data:
        return False
    import tomllib

    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        return True
    return isinstance(tool, dict) and "statecheck" in tool


def _usable(found: Found | None) -> Configuration | None:
    return None if found is None else _require(found)


def _require(found: Found) -> Configuration:
    """Return a configuration whose rules are known. Raises `ConfigurationError`."""
    from statecheck.cli.policy import require_kinds, require_known
    from statecheck.configuration import parse_configuration

    configuration = parse_configuration(found.data, found.path)
    require_known(configuration, found.data, found.path)
    require_kinds(configuration, found.data, found.path)
    return configuration


def weakenings(comparison: Comparison, folder: str) -> tuple[Weakening, ...]:
    """Return what the configuration of the later tree no longer asks for, and that of the base does.

    A ledger remembers no configuration.
    """
    if comparison.before is None or isinstance(comparison.before, LedgerTree):
        return ()
    before, after = (nearest_in(tree, folder) for tree in (comparison.before, comparison.after))
    place = after or before
    if place is None or before == after:
        return ()
    from statecheck.cli.policy import VOCABULARY
    from statecheck.configuration import Configuration, ConfigurationError, weakened

    try:
        old, new = (_usable(each) or Configuration.model_validate({}) for each in (before, after))
    except ConfigurationError:
        return ()  # of the one that counts the run has said so; the other counts for nothing
    return tuple(Weakening(place.path, what) for what in weakened(old, new, VOCABULARY))


def memory_settings(configuration: Configuration | None, comparison: Comparison, folder: str) -> MemorySettings:
    """Return what is configured of the memory; a file outside the repository is read now.

    It is where the base names it too: else a change could have any file read.
    """
    if configuration is None:
        return MemorySettings()
    memory = configuration.memory
    outside = memory.path is not None and (memory.path.startswith("~") or os.path.isabs(memory.path))
    document = None
    if outside and memory.path is not None and _base_names(memory.path, comparison, folder):
        above, name = os.path.split(os.path.realpath(os.path.expanduser(memory.path)))
        found = read_document(WorkingTree(above), name, "markdown")
        if not found.problems or found.problems[0].code != "W901":  # else M509 says so
            document = parse_document(memory.path, found.data, "markdown")
    return MemorySettings(memory.path, outside, document, memory.phase, memory.type)


def _base_names(path: str, comparison: Comparison, folder: str) -> bool:
    """Say whether the commit that is compared with, if there is one, has the memory at the same place."""
    base = comparison.before
    if base is None or isinstance(base, LedgerTree):
        return True
    from statecheck.configuration import ConfigurationError

    try:
        configuration = _usable(nearest_in(base, folder))
    except ConfigurationError:
        return False
    return configuration is not None and configuration.memory.path == path
