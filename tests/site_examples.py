"""The pages of the site, and their examples: files that are written, and commands that are run, in their order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from harness import NOW, ROOT, write

DOCS = ROOT / "docs"
PAGES = sorted(each for each in DOCS.rglob("*.md") if each.parent.name not in ("rules", "project"))

_BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.M | re.S)
_MARK = "----- %s -----"


class Block(NamedTuple):
    """A fenced block: its language, its text, and the file that it is written to."""

    language: str
    text: str
    file: str | None


class Example(NamedTuple):
    """A command of a console block, and the lines that the page shows below it."""

    command: str
    shown: list[str]


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, without what tells Sphinx something."""
    found = [
        Block(each["language"], each["text"], each["file"])
        for each in _BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]
    return [each for each in found if not each.language.startswith("{")]


def own_test(page: Path) -> Path | None:
    """Return the test that a page names for its examples, where they are run in another way than here."""
    named = re.search(r"^<!-- examples: (tests/\w+\.py) -->$", page.read_text(encoding="utf-8"), re.M)
    return ROOT / named[1] if named else None


def examples(text: str) -> list[Example]:
    """Return the commands of a console block with what is shown of their output."""
    found: list[Example] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Example(line[2:], []))
        else:
            found[-1].shown.append(line)
    return found


def run(page: Path, folder: Path) -> list[tuple[Example, list[str]]]:
    """Run the examples of a page, in one shell in a folder, and return each with the lines that it printed."""
    script, order = [], []
    for block in blocks(page):
        if block.file is not None:
            script.append(f"cp {write_aside(folder, block)} {block.file}")
        for example in examples(block.text) if block.language == "console" else ():
            script += [f"echo '{_MARK % len(order)}'", f"(exit ${{code:-0}}); {example.command}", "code=$?"]
            order.append(example)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    environment |= {"PATH": os.pathsep.join([str(_commands(folder)), os.environ["PATH"]]), "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", "exec 2>&1\n" + "\n".join(script)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    printed = re.split(r"^----- \d+ -----\n", done.stdout, flags=re.M)[1:]
    assert len(printed) == len(order), done.stdout + done.stderr
    return [(example, text.splitlines()) for example, text in zip(order, printed, strict=True)]


def write_aside(folder: Path, block: Block) -> str:
    """Write the file of a block beside the folder, and return where; its turn comes in the shell."""
    assert block.file is not None
    aside = folder.parent / "files" / block.file
    write(aside.parent, {aside.name: block.text})
    (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
    return str(aside)


def _commands(folder: Path) -> Path:
    """Return a folder with the commands, which take the time of the tests for now."""
    shims = folder.parent / "shims"
    own = Path(sys.executable).parent
    now = f'exec "{own}/%s" "$@" --now {NOW}\n'
    umbrella = f'case "$1" in status|amend|audit) {(now % "statecheck").strip()};; esac\nexec "{own}/statecheck" "$@"\n'
    texts = {"check-state": now % "check-state", "fix-state": now % "fix-state", "statecheck": umbrella}
    texts["python"] = f'exec "{sys.executable}" "$@"\n'
    write(shims, {name: f"#!/bin/sh\n{text}" for name, text in texts.items()})
    for name in texts:
        (shims / name).chmod(0o755)
    return shims


def agrees(shown: list[str], printed: list[str]) -> bool:
    """Say whether a page shows what was printed; ``[…]`` stands for any text of a line, or alone for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "[…]" else ".*".join(map(re.escape, line.rstrip().split("[…]"))) + r"\n"
        for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in printed)) is not None
