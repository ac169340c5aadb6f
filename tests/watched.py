"""Commands of statecheck in a process of its own, bounded, with a record of what they open, change and start.

As a program, this is that process: an audit hook sees what Python does, and standard output gets the record.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

HANG = 120
"""Seconds after which a process hangs. This is no measurement: what is tested ends in a few."""

MEMORY = 2 * 2**30
"""Bytes of address space of the process, and of each git that it starts, where the system can bound it."""

NOW = "2026-03-01T12:00:00Z"

_CHANGES = {"remove": 1, "rename": 2, "mkdir": 1, "rmdir": 1, "symlink": 2, "link": 2, "truncate": 1, "chmod": 1}
"""Events that change the disk, and how many paths each begins with."""

_STARTS = ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system", "os.spawn", "os.startfile")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watched(NamedTuple):
    """What one command printed and returned, and what it did. Paths are real: links are followed."""

    code: int
    out: str
    err: str
    read: set[str]
    changed: set[str]
    started: set[str]
    network: set[str]

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def codes(self) -> set[str]:
        """The codes in the JSON output: of the findings, and of what is unverified."""
        return {each["code"] for each in (*self.json["findings"], *self.json["unverified"])}


def watch(folder: Path, *commands: tuple[str, ...], memory: int = MEMORY) -> list[Watched]:
    """Run commands of the umbrella one after the other in a folder."""

    def bound() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    done = subprocess.run(
        [sys.executable, __file__, json.dumps(commands)],
        cwd=folder,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=HANG,
        check=False,
        preexec_fn=bound if sys.platform == "linux" else None,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-4000:]
    return [Watched(*each[:3], *map(set, each[3:])) for each in json.loads(done.stdout)]


def _main(commands: list[list[str]]) -> None:
    """Run the commands and print what became of each, in the order of the fields of `Watched`."""
    from statecheck.cli import main

    done: list[list[Any]] = []
    events: dict[str, set[str]] = {}

    def hook(event: str, given: tuple[Any, ...]) -> None:
        found = _kind(event, given)
        if found is not None:
            events[found[0]].update(map(_real, found[1]))

    sys.addaudithook(hook)
    for verb, *arguments in commands:
        events.update({kind: set() for kind in ("read", "change", "start", "network")})
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main([verb, "--now", NOW, *arguments])
            except SystemExit as stop:
                code = stop.code
        texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
        done.append([code, *texts, *(sorted(each) for each in events.values())])
    print(json.dumps(done))  # noqa: T201 - the record is what this program is for


def _kind(event: str, given: tuple[Any, ...]) -> tuple[str, tuple[object, ...]] | None:
    """Return what kind of event this is, and the paths or words to remember of it."""
    if event == "open" and not isinstance(given[0], int):
        return "change" if isinstance(given[2], int) and given[2] & _WRITING else "read", given[:1]
    if event in ("os.listdir", "os.scandir") and not isinstance(given[0], int):
        return "read", (given[0] or ".",)
    if event.startswith("os.") and event[3:] in _CHANGES:
        return "change", given[: _CHANGES[event[3:]]]
    if event in _STARTS:
        return "start", (os.path.basename(os.fsdecode(given[0])),)
    return ("network", (event,)) if event.startswith("socket.") else None


def _real(path: object) -> str:
    text = os.fsdecode(path) if isinstance(path, bytes | os.PathLike) else str(path)
    return os.path.realpath(text) if os.sep in text or os.path.lexists(text) else text


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
