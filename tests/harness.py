"""What tests share: real repositories in temporary folders, isolated from the machine, and the commands in them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from statecheck.cli import check_state, fix_state, main

ROOT = Path(__file__).resolve().parent.parent
NOW = "2026-03-01T12:00:00Z"
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BROWSER_REQUIRED = bool(os.environ.get("STATECHECK_BROWSER_REQUIRED"))
SHARED = Path(os.environ.get("STATECHECK_SHARED", ROOT.parent / "shared"))


needs_browser = pytest.mark.skipif(BROWSER is None and not BROWSER_REQUIRED, reason="there is no Chromium here")
"""What is left out where there is no browser, but for the gate, which says that there has to be one."""


def isolate(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Keep git, pre-commit and colours from seeing anything of the machine the tests run on.

    The commands are those of the environment that runs the tests, whether or not it is the active one.
    """
    for name in list(os.environ):
        if name.startswith(("GIT_", "PRE_COMMIT")) or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)
    config = folder / "gitconfig"
    config.write_text(
        "[user]\n\tname = Test\n\temail = test@example.org\n[init]\n\tdefaultBranch = main\n"
        '[core]\n\tautocrlf = false\n[protocol "file"]\n\tallow = always\n[commit]\n\tgpgsign = false\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-01-10T10:00:00+00:00")
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))


def git(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    """Run git in a folder and return what it prints."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def make_repository(folder: Path, files: dict[str, Any] | None = None) -> Path:
    """Make a repository whose first commit has these files."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    if files:
        write(folder, files)
        git(folder, "add", "-A", "-f")
        git(folder, "commit", "-q", "-m", "first")
    return folder


def write(folder: Path, files: dict[str, Any]) -> None:
    """Write files: text, bytes, None to remove, or {base64: …}, {link: …}, {folder: true}, {repeat: [text, n]}."""
    for name, content in files.items():
        path = folder / name
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        if content is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict) and "link" in content:
            path.symlink_to(content["link"])
        elif isinstance(content, dict) and "folder" in content:
            path.mkdir()
        else:
            path.write_bytes(as_bytes(content))


def as_bytes(content: Any) -> bytes:
    """Return the bytes that a case means."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode("utf-8")
    if "base64" in content:
        return base64.b64decode(content["base64"])
    text, count = content["repeat"]
    return (text * count).encode("utf-8")


def snapshot(folder: Path) -> dict[str, bytes | str]:
    """Return every file below a folder with its content, or a link with its target; git's own files excepted."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] == ".git":
            continue
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


def read_terminal(outer: int) -> bytes:
    """Return what was printed on a pseudo-terminal whose inner end is closed, and close it."""
    printed = b""
    while True:
        try:
            piece = os.read(outer, 65536)
        except OSError:
            break
        if not piece:
            break
        printed += piece
    os.close(outer)
    return printed


class Outcome(NamedTuple):
    """What a command printed and returned."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def findings(self) -> list[str]:
        """The findings as cases write them: ``D301 error path:line:column``."""
        return [
            f"{each['code']} {each['severity']} {each['path']}:{each['line']}:{each['column']}"
            for each in self.json["findings"]
        ]

    @property
    def nothing_judged(self) -> bool:
        """Whether nothing was printed, or the JSON output that says that the base cannot be had."""
        return not self.out or (self.findings == [] and self.unverified == ["W906 ."])

    @property
    def unverified(self) -> list[str]:
        return [f"{each['code']} {each['path']}" for each in self.json["unverified"]]


class Commands:
    """Both commands and the umbrella, run in this process in a folder of the test's."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def check(self, *arguments: str, now: str = NOW) -> Outcome:
        return self._run(check_state, ("--now", now, *arguments))

    def check_json(self, *arguments: str, now: str = NOW) -> Outcome:
        return self.check("--output-format", "json", *arguments, now=now)

    def fix(self, *arguments: str, now: str = NOW) -> Outcome:
        return self._run(fix_state, ("--now", now, *arguments))

    def status(self, *arguments: str, now: str = NOW) -> Outcome:
        return self._run(main, ("status", "--now", now, *arguments))

    def status_json(self, *arguments: str, now: str = NOW) -> Outcome:
        return self.status("--output-format", "json", *arguments, now=now)

    def statecheck(self, *arguments: str) -> Outcome:
        return self._run(main, arguments)

    def _run(self, command: Any, arguments: tuple[str, ...]) -> Outcome:
        self._monkeypatch.chdir(self.folder)
        self._capsys.readouterr()
        try:
            code = command(list(arguments))
        except SystemExit as stop:
            code = stop.code
        printed = self._capsys.readouterr()
        return Outcome(code, printed.out, printed.err)
