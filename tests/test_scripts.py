"""The console scripts: their processes end at once, and nothing is lost by it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LEAVE = """
import atexit, os, sys
from statecheck.cli.scripts import leave
{before}
print("x" * 1_000_000)
{after}
leave(3)
"""


def leave(folder: Path, before: str = "", after: str = "", **more: object) -> subprocess.CompletedProcess[str]:
    """Run a program that leaves with exit code 3, and return what became of it."""
    program = [sys.executable, "-c", LEAVE.format(before=before, after=after)]
    return subprocess.run(program, cwd=folder, stderr=subprocess.PIPE, text=True, check=False, **more)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import threading; threading.Thread(target=threading.Event().wait, args=(0.2,)).start()",
        "sys.settrace(lambda *_: None)",
        "sys.setprofile(lambda *_: None)",
        "sys.monitoring = type('Tools', (), {'get_tool': lambda self, at: 'x' if at == 2 else None})()",
    ],
)
def test_all_that_was_printed_and_registered_is_there(folder: Path, before: str) -> None:
    done = leave(folder, before, "atexit.register(lambda: print('registered'))", stdout=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == "x" * 1_000_000 + "\nregistered\n"


def test_what_the_interpreter_takes_down_is_left_to_the_system(folder: Path) -> None:
    before = "class Slow:\n    def __del__(self, write=os.write): write(2, b'taken down\\n')\nslow = Slow()"
    assert leave(folder, before, stdout=subprocess.PIPE).stderr == ""
    assert leave(folder, f"{before}\nsys.setprofile(lambda *_: None)", stdout=subprocess.PIPE).stderr == "taken down\n"


def test_nobody_has_to_listen(folder: Path) -> None:
    assert leave(folder, after="sys.stdout.close()", stdout=subprocess.DEVNULL).returncode == 3
    with (folder / "closed").open("w") as file:
        done = leave(folder, after="sys.stdout.write('more'); os.close(1)", stdout=file)
    assert (done.returncode, done.stderr) == (3, "")


@pytest.mark.parametrize(("name", "code"), [("check_state", 0), ("fix_state", 0), ("main", 2)])
def test_each_script_ends_with_the_code_of_its_command(folder: Path, name: str, code: int) -> None:
    program = f"import sys; from statecheck.cli.scripts import {name}; sys.argv[1:] = ['--bad'] * {code // 2}; {name}()"
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
