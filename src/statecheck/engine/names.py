"""The folders that a workspace had: moved and renamed, it is the same workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.workspaces import Workspace, before_archiving

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from statecheck.workspaces import Kind


class Names:
    """The folders of workspaces, and the one name that all go by which were the same workspace at some time."""

    def __init__(self, kinds: Sequence[Kind], moved: Iterable[tuple[str, str]] = ()) -> None:
        self._archiving = [kind for kind in kinds if kind.archive is not None]
        self._names: dict[str, str] = {}
        self.folders: set[str] = set()
        for pair in moved:
            self.add(*pair)

    def add(self, *folders: str) -> None:
        """Note that these folders are of one workspace."""
        self.folders.update(folders)
        names = {self.of(each) for each in folders}
        self._names.update(dict.fromkeys(names, min(names)))

    def of(self, folder: str) -> str:
        """Return the name that a folder goes by: the first, by the alphabet, of those that it ever had."""
        name = self._unarchived(folder)
        while (other := self._names.get(name, name)) != name:
            name = other
        return name

    def _unarchived(self, folder: str) -> str:
        found = (before_archiving(Workspace(kind, folder)) for kind in self._archiving)
        return next((each.folder for each in found if each is not None), folder)
