"""What statecheck itself keeps in a project: its configuration and its ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.errors import OwnFileError
from statecheck.trees import UnreadableError
from statecheck.workspaces import LEDGER_FILE

if TYPE_CHECKING:
    from statecheck.configuration import Configuration
    from statecheck.ledger import LedgerFile
    from statecheck.trees import Repository, WorkingTree

CONFIGURATION_FILE = "statecheck.toml"


class Defaults:
    """What holds where nothing is configured, without the cost of reading a configuration."""

    base = "HEAD"


def load_configuration(disk: WorkingTree) -> Configuration | Defaults:
    """Return the configuration of a project. Raises `ConfigurationError`, and `OwnFileError`."""
    data = _content(disk, CONFIGURATION_FILE)
    if data is None:
        return Defaults()
    from statecheck.configuration import parse_configuration

    return parse_configuration(data)


def load_ledger(disk: WorkingTree, repository: Repository | None) -> LedgerFile | None:
    """Return the ledger of a project, or None where there is none. Raises `LedgerError`, and `OwnFileError`.

    Where git has it, the one of HEAD counts: else the change that is judged could bring its own.
    """
    data = _content(disk, LEDGER_FILE)
    if repository is not None and repository.index().entry(LEDGER_FILE) is not None:
        head = repository.revision("HEAD")
        tree = repository.commit_tree(head) if head is not None else None
        if tree is not None and tree.entry(LEDGER_FILE) is not None:
            data = tree.read(LEDGER_FILE)
    if data is None:
        return None
    from statecheck.ledger import parse_ledger

    return parse_ledger(data)


def _content(disk: WorkingTree, path: str) -> bytes | None:
    if disk.entry(path) is None:
        return None
    try:
        return disk.read(path)
    except UnreadableError as error:
        raise OwnFileError(f"{path} {error.reason}") from None
