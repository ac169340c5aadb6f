"""Check the links of the built site that stay within it: each leads to a file that is there, and to a place in it.

`python scripts/check_links.py FOLDER` names those that do not, and fails where there are any.
"""

from __future__ import annotations

import os
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class _Page(HTMLParser):
    """The places of a page, and what it links to."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: set[str] = set()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what a tag is called and where it leads."""
        for name, value in attrs:
            if value is None:
                continue
            if name == "id":
                self.places.add(value)
            elif name == "href" or (name == "src" and tag != "source"):
                self.links.add(value)


def broken_links(site: Path) -> list[str]:
    """Return each link of the pages below a folder that leads nowhere, as ``page: link``."""
    top = site.resolve()
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(top.rglob("*.html"))}
    return [
        f"{path.relative_to(top).as_posix()}: {link}"
        for path, page in pages.items()
        for link in sorted(page.links)
        if not _leads_somewhere(link, path, pages)
    ]


def _leads_somewhere(link: str, path: Path, pages: dict[Path, _Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
    place = unquote(parts.fragment)
    if target in pages:
        return not place or place in pages[target].places
    return target.is_file()


def main(arguments: list[str]) -> int:
    """Check the site in a folder, and return the exit code."""
    site = Path(arguments[0])
    broken = broken_links(site)
    for each in broken:
        print(each)
    pages = len(list(site.rglob("*.html")))
    print(f"{pages} pages, {len(broken)} broken links")
    return 1 if broken or not pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
