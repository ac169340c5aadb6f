"""What statecheck itself keeps in a project: how its files are read, and the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.errors import OwnFileError
from statecheck.trees import UnreadableError
from statecheck.workspaces import LEDGER_FILE

if TYPE_CHECKING:
    from statecheck.ledger import LedgerFile
    from statecheck.trees import Repository, Tree, WorkingTree


def load_ledger(disk: WorkingTree, repository: Repository | None) -> LedgerFile | None:
    """Return the ledger of a project, or None where there is none. Raises `LedgerError`, and `OwnFileError`.

    Where git has it, the one of HEAD counts: else the change that is judged could bring its own.
    """
    data = _committed(repository, LEDGER_FILE)
    if data is None:
        data = own_content(disk, LEDGER_FILE)
    if data is None:
        return None
    from statecheck.ledger import parse_ledger

    return parse_ledger(data)


def _committed(repository: Repository | None, path: str) -> bytes | None:
    """Return a file as HEAD has it."""
    head = repository.revision("HEAD") if repository is not None else None
    if repository is None or head is None:
        return None
    tree = repository.glimpse(head)
    entry = tree.entry(path)
    return tree.read(path) if entry is not None and entry.kind == "file" else None


def own_content(tree: Tree, path: str, limit: int | None = None) -> bytes | None:
    """Return the content of a file of statecheck's own, or None where there is none. `limit` is in bytes.

    Raises `OwnFileError`.
    """
    entry = tree.entry(path)
    if entry is None:
        return None
    if entry.kind != "file":
        what = {"symlink": "symbolic link", "special": "file of a special kind"}.get(entry.kind, entry.kind)
        raise OwnFileError(f"{path} is a {what}, where a file should be: remove it, or put the file back")
    try:
        return tree.read(path, limit)
    except UnreadableError as error:
        raise OwnFileError(f"{path} {error.reason}") from None
