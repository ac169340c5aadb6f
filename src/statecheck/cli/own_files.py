"""What statecheck itself keeps in a project: its configuration and its ledger."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from statecheck.documents import parse_document, read_document
from statecheck.errors import OwnFileError
from statecheck.trees import LedgerTree, UnreadableError, WorkingTree
from statecheck.workspaces import LEDGER_FILE, MemorySettings

if TYPE_CHECKING:
    from statecheck.configuration import Configuration
    from statecheck.history import Comparison
    from statecheck.ledger import LedgerFile
    from statecheck.trees import Repository

CONFIGURATION_FILE = "statecheck.toml"


class Defaults:
    """What holds where nothing is configured, without the cost of reading a configuration."""

    base = "HEAD"
    memory = None


def load_configuration(disk: WorkingTree, repository: Repository | None) -> Configuration | Defaults:
    """Return the configuration of a project. Raises `ConfigurationError`, and `OwnFileError`.

    With git, the one of HEAD counts: else a change could choose what it is judged by. The one on disk has to be good,
    too.
    """
    here, head = _content(disk, CONFIGURATION_FILE), _committed(repository, CONFIGURATION_FILE)
    if here is None and head is None:
        return Defaults()
    from statecheck.configuration import parse_configuration

    chosen = Defaults() if here is None else parse_configuration(here)
    if repository is None or repository.revision("HEAD") is None:
        return chosen
    return Defaults() if head is None else parse_configuration(head)


def weakened_configuration(comparison: Comparison) -> tuple[str, ...]:
    """Return, in words, what the configuration of the later tree no longer asks for, and that of the base does."""
    contents = []
    for tree in (comparison.before, comparison.after):
        try:
            contents.append(tree.read(CONFIGURATION_FILE) if tree is not None else b"")
        except UnreadableError:
            contents.append(b"")
    if comparison.before is None or contents[0] == contents[1]:
        return ()
    from statecheck.configuration import ConfigurationError, parse_configuration, weakened

    try:
        before, after = (parse_configuration(content) for content in contents)
    except ConfigurationError:
        return ()  # of the one that counts the run has said so; the other counts for nothing
    return tuple(weakened(before, after))


def memory_settings(configuration: Configuration | Defaults, comparison: Comparison) -> MemorySettings:
    """Return what is configured of the memory; a file outside the repository is read now.

    It is where the base names it too: else a change could have any file read.
    """
    memory = configuration.memory
    if memory is None:
        return MemorySettings()
    outside = memory.path is not None and (memory.path.startswith("~") or os.path.isabs(memory.path))
    document = None
    if outside and memory.path is not None and _base_names(memory.path, comparison):
        folder, name = os.path.split(os.path.realpath(os.path.expanduser(memory.path)))
        found = read_document(WorkingTree(folder), name, "markdown")
        if not found.problems or found.problems[0].code != "W901":  # else M509 says so
            document = parse_document(memory.path, found.data, "markdown")
    return MemorySettings(memory.path, outside, document, memory.phase, memory.type)


def _base_names(path: str, comparison: Comparison) -> bool:
    """Say whether the commit that is compared with, if there is one, has the memory at the same place."""
    base = comparison.before
    if base is None or isinstance(base, LedgerTree):
        return True
    from statecheck.configuration import ConfigurationError, parse_configuration

    try:
        return parse_configuration(base.read(CONFIGURATION_FILE)).memory.path == path
    except (UnreadableError, ConfigurationError):
        return False


def load_ledger(disk: WorkingTree, repository: Repository | None) -> LedgerFile | None:
    """Return the ledger of a project, or None where there is none. Raises `LedgerError`, and `OwnFileError`.

    Where git has it, the one of HEAD counts: else the change that is judged could bring its own.
    """
    data = _committed(repository, LEDGER_FILE)
    if data is None:
        data = _content(disk, LEDGER_FILE)
    if data is None:
        return None
    from statecheck.ledger import parse_ledger

    return parse_ledger(data)


def _committed(repository: Repository | None, path: str) -> bytes | None:
    """Return a file as HEAD has it."""
    head = repository.revision("HEAD") if repository is not None else None
    if repository is None or head is None:
        return None
    tree = repository.commit_tree(head)
    entry = tree.entry(path)
    return tree.read(path) if entry is not None and entry.kind == "file" else None


def _content(disk: WorkingTree, path: str) -> bytes | None:
    entry = disk.entry(path)
    if entry is None:
        return None
    if entry.kind != "file":
        what = {"symlink": "symbolic link", "special": "file of a special kind"}.get(entry.kind, entry.kind)
        raise OwnFileError(f"{path} is a {what}, where a file should be: remove it, or put the file back")
    try:
        return disk.read(path)
    except UnreadableError as error:
        raise OwnFileError(f"{path} {error.reason}") from None
