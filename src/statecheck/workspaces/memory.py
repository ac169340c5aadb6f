"""Where the memory of a workspace is, and the files of it that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statecheck.documents import Document, kept, read_document

if TYPE_CHECKING:
    from statecheck.workspaces.positions import MemorySettings
    from statecheck.workspaces.view import View


def memory_documents(workspace: View, settings: MemorySettings, *, ignored: bool) -> list[Document]:
    """Return the memory files that are there: in their documented places, and where one is configured.

    With `ignored` one that git ignores counts, too: memory is often kept out of repositories.
    """
    return _memory_documents(workspace, settings, ignored)


@kept
def _memory_documents(workspace: View, settings: MemorySettings, ignored: bool) -> list[Document]:
    found = {document.path: document for document in workspace.documents("memory")}
    for path in places_of_memory(workspace, settings):
        entry = workspace.tree.entry(path)
        if path not in found and entry is not None and (ignored or workspace.is_state(path)):
            found[path] = read_document(workspace.tree, path, "markdown")
    return list(found.values())


def places_of_memory(workspace: View, settings: MemorySettings) -> list[str]:
    """Return where the memory of a workspace may be, within the root; the first place is where it is to be."""
    spec = workspace.spec("memory")
    configured = settings.path if not settings.outside else None
    places = [*([configured] if configured else []), *(spec.patterns if spec is not None else ())]
    return [workspace.join(place) for place in places]
