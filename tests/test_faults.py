"""Whatever happens while a repair writes: no byte that anyone wrote is lost, and the next run ends what was begun.

The system calls are not guessed: a run is traced, and every call by which it changes the workspace or git's folder is a
place for a fault. The state before a call is that after the call before it, so a kill before each of them and after the
last is a kill before and after every write, fsync, rename and unlink.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from harness import NOW, make_repository, snapshot, write
from tracer import SUPPORTED, Call, Trace, trace

from statecheck.cli import check_state, fix_state
from statecheck.repair import moves, writer

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not SUPPORTED, reason="system calls are traced on Linux, x86-64")]

MANIFEST = """{
  "artifact_type": "logo",
  "variants": [{"name": "light", "path": "dist/%s"}],
  "generation_timestamp": "2026-01-16T10:00:00Z"
}
"""
CONSTRAINT = '{"id": "C-01", "severity": "low", "validated": %s, "last_checked": "2026-01-16T10:00:00Z"}'
CONSTRAINTS = f'{{"constraints": [{CONSTRAINT}]}}\n'
ENTRY = "## Iteration %d — 2026-01-%dT10:00:00Z\n\n### Constraint Check\n\n- C-01: satisfied — by %s\n"
LOG = f"# Refinement Log\n\n{ENTRY % (1, 16, 'test')}"
DECISIONS = "# Decisions\n\n## Iteration 1 — 2026-01-16T10:00:00Z\n\n**Decision:** keep it\n"
SOUND = {
    "art/artifact_manifest.json": MANIFEST % "logo.svg",
    "art/constraints.json": {"link": "../real/constraints.json"},
    "real/constraints.json": CONSTRAINTS % "true",
    "art/refinement_log.md": LOG,
    "art/decisions.md": DECISIONS,
    "art/dist/logo.svg": "<svg/>\n",
}
TASK = {
    ".iterative-work/x/state.json": '{"task": "x", "slug": "x", "created": "2026-01-01T00:00:00Z", '
    '"updated": "2026-01-01T00:00:00Z", "domain": "writing", "phase": "execute", "current_phase": "R1", '
    '"current_iteration": 1, "phases": {"R1": {"status": "in_progress", "max_iterations": 3, "iterations_used": 1, '
    '"confirmations_required": 1, "confirmations_used": 0}}}\n',
    ".iterative-work/x/brief.md": "# x\n\n**Created:** 2026-01-01T00:00:00Z\n**Domain:** research\n\n"
    "## Outcome Needed\n\n"
    "by eye\n\n## Done When\n\n- [ ] it is\n\n## Constraints\n\n## Notes\n",
    ".iterative-work/x/plan.md": "# x - Phases\n\n## Phases\n\n- [ ] **R1:** Start\n  - Max iterations: 3\n",
    ".iterative-work/x/context.md": "# x Context\n",
    ".iterative-work/x/progress.md": "# Progress Log\n\n## R1 - Iteration 1 - 2026-01-01T00:00:00Z\n",
}
"""A task without its guardrails.md, which is made, and with another domain in its brief, which is displaced."""

DAMAGED = {
    "art/artifact_manifest.json": MANIFEST % "Logo.svg",
    "real/constraints.json": CONSTRAINTS % '"true"',
    "art/refinement_log.md": LOG.replace("by test", "by eye"),
    "art/decisions.md": None,
    "art/constraints.json.tmp": '{"constr',
}
"""A file of each way of writing: two are replaced, one of them behind a link, one is made, one is removed,
and of one the displaced content is kept."""


class Place(NamedTuple):
    """A damaged workspace, what the calls of its repair are, and what it is when it is repaired."""

    folder: Path
    original: Path
    calls: list[Call]
    damaged: dict[str, bytes | str]
    repaired: dict[str, bytes | str]

    def reset(self) -> None:
        """Damage it anew."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.original, self.folder, symlinks=True)

    def left_over(self) -> list[str]:
        """Return the files that no repair may leave."""
        everywhere = (path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*"))
        return [name for name in everywhere if ".statecheck-" in name or "repair.s" in name or "repair.w" in name]


def fix() -> int:
    """Repair the workspace one stands in, and say nothing; a tracer of Python that measures coverage is left behind."""
    sys.settrace(None)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return fix_state(["--unsafe-fixes", "--now", NOW])


def again(place: Place, monkeypatch: pytest.MonkeyPatch) -> int:
    """Repair once more, in this process, and return the exit code."""
    monkeypatch.chdir(place.folder)
    return fix_state(["--unsafe-fixes", "--now", NOW])


@pytest.fixture
def place(folder: Path) -> Place:
    """The workspace without version control."""
    write(folder, {**SOUND, **DAMAGED, **TASK, "art/decisions.md": DECISIONS})
    return _place(folder)


@pytest.fixture
def in_git(folder: Path) -> Place:
    """The workspace in a repository, where logs are restored; git makes every run slower."""
    make_repository(folder, SOUND)
    write(folder, DAMAGED)
    return _place(folder)


@pytest.fixture(params=["place", "in_git"])
def either(request: pytest.FixtureRequest) -> Place:
    """The workspace, in a repository and not."""
    found: Place = request.getfixturevalue(request.param)
    return found


def _place(folder: Path) -> Place:
    original = folder.parent / "original"
    shutil.copytree(folder, original, symlinks=True)
    damaged = snapshot(folder)
    done = trace(fix, folder)
    assert done.code == 0
    place = Place(folder, original, done.calls, damaged, snapshot(folder))
    assert place.repaired["art/artifact_manifest.json"] == (MANIFEST % "logo.svg").encode()
    assert place.left_over() == []
    assert {"write", "fsync", "rename", "renameat2", "link", "unlink"} <= {call.name for call in place.calls}
    assert any(name.startswith(".statecheck/quarantine/") for name in place.repaired)
    assert "art/constraints.json.tmp" not in place.repaired
    place.reset()
    return place


def _whole(place: Place) -> None:
    """See that each file is as it was, or as it will be."""
    now = snapshot(place.folder)
    for name in place.damaged.keys() | place.repaired.keys():
        allowed = (place.damaged.get(name), place.repaired.get(name))
        assert now.get(name) in allowed, f"{name} is neither as it was nor as it will be"


def _all_or_nothing(place: Place, call: Call, *, written: bool) -> None:
    """See that all files are as they were, or all as they will be."""
    now = snapshot(place.folder)
    names = place.damaged.keys() | place.repaired.keys()
    found = {name: now.get(name) for name in names}
    states = [{name: state.get(name) for name in names} for state in (place.damaged, place.repaired)]
    assert found == states[1] or (found == states[0] and not written), call


def test_a_kill_at_any_moment(either: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place = either
    for number in range(len(place.calls)):
        place.reset()
        killed = trace(fix, place.folder, before=lambda at, _, n=number: "kill" if at == n else None)
        assert killed.code is None
        _whole(place)
        assert again(place, monkeypatch) == 0, place.calls[number]
        assert snapshot(place.folder) == place.repaired, place.calls[number]
        assert place.left_over() == [], place.calls[number]


def test_a_kill_while_a_killed_run_is_ended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    last_rename = max(number for number, call in enumerate(place.calls) if call.name == "renameat2")
    for first in (last_rename, last_rename + 1):
        place.reset()
        kill = partial(trace, fix, place.folder)
        kill(before=lambda at, _, n=first: "kill" if at == n else None)
        shutil.rmtree(place.folder.parent / "killed", ignore_errors=True)
        shutil.copytree(place.folder, place.folder.parent / "killed", symlinks=True)
        count = len(kill().calls)
        for number in range(count):
            shutil.rmtree(place.folder)
            shutil.copytree(place.folder.parent / "killed", place.folder, symlinks=True)
            kill(before=lambda at, _, n=number: "kill" if at == n else None)
            _whole(place)
            assert again(place, monkeypatch) == 0
            assert snapshot(place.folder) == place.repaired
            assert place.left_over() == []


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EACCES], ids=["disk full", "denied"])
def test_one_call_that_fails(fault: int, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, call in enumerate(place.calls):
        place.reset()
        failed = trace(fix, place.folder, before=lambda at, _, n=number: fault if at == n else None)
        assert failed.code in (0, 2), call
        _all_or_nothing(place, call, written=failed.code == 0)
        assert again(place, monkeypatch) == 0, call
        assert snapshot(place.folder) == place.repaired, call
        assert place.left_over() == [], call


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS], ids=["disk full", "read-only"])
def test_a_disk_that_takes_nothing_more(fault: int, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    growing = {"write", "openat", "mkdir", "link"} if fault == errno.ENOSPC else None
    for number, call in enumerate(place.calls):
        place.reset()

        def full(at: int, each: Call, first: int = number) -> int | None:
            return fault if at >= first and (growing is None or each.name in growing) else None

        failed = trace(fix, place.folder, before=full)
        assert failed.code in (0, 2), call
        if fault == errno.ENOSPC:
            _all_or_nothing(place, call, written=failed.code == 0)
        _whole(place)
        assert again(place, monkeypatch) == 0, call
        assert snapshot(place.folder) == place.repaired, call
        assert place.left_over() == [], call


def _append(folder: Path) -> None:
    with open(folder / "art/refinement_log.md", "a", encoding="utf-8") as file:
        file.write("\n" + ENTRY % (2, 17, "MARK"))


def _replace(folder: Path) -> None:
    (folder / "art/new").write_text((MANIFEST % "logo.svg").replace('"light"', '"MARK"'))
    os.replace(folder / "art/new", folder / "art/artifact_manifest.json")


def _rewrite(folder: Path) -> None:
    (folder / "real/constraints.json").write_text((CONSTRAINTS % "true").replace("low", "high").replace("C-01", "MARK"))


def _delete(folder: Path) -> None:
    (folder / "real/constraints.json").unlink(missing_ok=True)


def _create(folder: Path) -> None:
    (folder / ".iterative-work/x/guardrails.md").write_text("# Guardrails\n\nMARK\n")


def _grow(folder: Path) -> None:
    with open(folder / "art/constraints.json.tmp", "a", encoding="utf-8") as file:
        file.write("MARK")


@pytest.mark.parametrize("action", [_append, _replace, _rewrite, _delete, _create, _grow])
def test_somebody_else_writes(
    action: Callable[[Path], None], place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, call in enumerate(place.calls):
        place.reset()

        def meanwhile(at: int, _: Call, wanted: int = number) -> None:
            if at == wanted:
                action(place.folder)

        done = trace(fix, place.folder, before=meanwhile)
        assert done.code in (0, 2), call
        if done.code == 2:
            assert place.left_over() == [], call
        again(place, monkeypatch)
        capsys.readouterr()
        found = snapshot(place.folder)
        if action is not _delete:
            assert any(b"MARK" in text for text in found.values() if isinstance(text, bytes)), call
        assert place.left_over() == [], call
        _nothing_lost(place, found, call)
        assert again(place, monkeypatch) in (0, 1, 2)
        assert snapshot(place.folder) == found, f"a run after {call} changes something"


def _nothing_lost(place: Place, found: dict[str, bytes | str], call: Call) -> None:
    """See that what stood in the log before is there, or kept."""
    every = b"".join(text for text in found.values() if isinstance(text, bytes))
    assert b"by eye" in every, call


def test_somebody_else_has_a_log_open(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "WRITER_SECONDS", 0.05)
    for number, call in enumerate(place.calls):
        place.reset()
        held: list[Any] = []

        def meanwhile(at: int, _: Call, wanted: int = number, handles: list[Any] = held) -> None:
            if at == wanted:
                handles.append(open(place.folder / "art/refinement_log.md", "a", encoding="utf-8"))  # noqa: SIM115

        done = trace(fix, place.folder, before=meanwhile)
        assert done.code in (0, 2), call
        held[0].write("\n" + ENTRY % (2, 17, "MARK"))
        held[0].close()
        again(place, monkeypatch)
        found = snapshot(place.folder)
        assert any(b"MARK" in text for text in found.values() if isinstance(text, bytes)), call
        assert place.left_over() == [], call
        _nothing_lost(place, found, call)


def test_somebody_opens_a_new_file_that_is_then_taken_back(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "WRITER_SECONDS", 0.05)
    second = [number for number, call in enumerate(place.calls) if call.name == "renameat2"][1]
    held: list[Any] = []

    def meanwhile(at: int, _: Call) -> int | None:
        if at != second:
            return None
        now = snapshot(place.folder)
        names = [name for name in place.damaged if now[name] == place.repaired.get(name) != place.damaged[name]]
        held.extend(open(place.folder / name, "a", encoding="utf-8") for name in names)  # noqa: SIM115
        return errno.EIO

    assert trace(fix, place.folder, before=meanwhile).code == 2
    assert held
    for number, file in enumerate(held):
        file.write(f"MARK {number}")
        file.close()
    every = b"".join(text for text in snapshot(place.folder).values() if isinstance(text, bytes))
    assert all(b"MARK %d" % number in every for number in range(len(held)))
    assert place.left_over() == []


def test_a_log_that_stays_open_is_named(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(moves, "WRITER_SECONDS", 0.05)
    with open(place.folder / "art/artifact_manifest.json", "a", encoding="utf-8"):
        assert again(place, monkeypatch) == 2
    said = "artifact_manifest.json is open for writing in another program; nothing was written, run again"
    assert said in capsys.readouterr().err
    assert snapshot(place.folder) == place.damaged
    assert place.left_over() == []


def test_two_repairs_at_once(in_git: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place = in_git
    command = [sys.executable, "-c", "from statecheck.cli import fix_state; raise SystemExit(fix_state())"]
    for number in range(0, len(place.calls), 4):
        place.reset()
        others: list[subprocess.Popen[bytes]] = []

        def meanwhile(at: int, _: Call, wanted: int = number, started: list[Any] = others) -> None:
            if at == wanted:
                started.append(
                    subprocess.Popen(
                        [*command, "--unsafe-fixes", "--now", NOW],
                        cwd=place.folder,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                    )
                )

        done = trace(fix, place.folder, before=meanwhile)
        codes = {done.code, others[0].wait(120)}
        assert codes <= {0, 2}, "one of them may find that files changed under it"
        assert 0 in codes
        assert again(place, monkeypatch) == 0
        assert snapshot(place.folder) == place.repaired
        assert place.left_over() == []


def test_an_agent_that_appends_without_end(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys, time\n"
        "for n in range(400):\n"
        "    with open(sys.argv[1], 'a') as file:\n"
        "        file.write(f'- note {n}.\\n')\n"
        "    time.sleep(0.002)\n"
    )
    log = place.folder / "art/refinement_log.md"
    with subprocess.Popen([sys.executable, "-c", script, str(log)]) as agent:
        while agent.poll() is None:
            assert again(place, monkeypatch) in (0, 1, 2)
    assert again(place, monkeypatch) in (0, 1)
    every = b"".join(text for text in snapshot(place.folder).values() if isinstance(text, bytes))
    assert [n for n in range(400) if f"- note {n}.\n".encode() not in every] == []
    assert place.left_over() == []


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_kill_where_files_cannot_be_exchanged_in_one_step(
    links: bool, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(moves, "_swapped", lambda one, other: False)
    if not links:
        monkeypatch.setattr(os, "link", unable)
    calls = trace(fix, place.folder).calls
    assert snapshot(place.folder) == place.repaired
    for number in range(len(calls)):
        place.reset()
        killed = trace(fix, place.folder, before=lambda at, _, n=number: "kill" if at == n else None)
        assert killed.code is None
        _whole(place)
        assert again(place, monkeypatch) == 0, calls[number]
        assert snapshot(place.folder) == place.repaired, calls[number]
        assert place.left_over() == [], calls[number]


def test_check_state_says_that_a_repair_was_interrupted(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = next(number for number, call in enumerate(place.calls) if call.name == "renameat2")
    trace(fix, place.folder, before=lambda at, _: "kill" if at == first + 1 else None)
    monkeypatch.chdir(place.folder)
    for command, arguments in ((check_state, []), (fix_state, ["--diff"]), (fix_state, ["--plan", "plan.json"])):
        assert command(arguments) == 2
        assert "a repair was interrupted while it wrote: run fix-state, which will end it" in capsys.readouterr().err
    assert again(place, monkeypatch) == 0
    assert "a repair that was interrupted was completed" in capsys.readouterr().err


def test_what_changed_after_a_crash_is_not_overwritten(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = next(number for number, call in enumerate(place.calls) if call.name == "renameat2")
    trace(fix, place.folder, before=lambda at, _: "kill" if at == first + 1 else None)
    _grow(place.folder)
    assert again(place, monkeypatch) in (0, 1)
    assert "a repair that was interrupted was taken back, since files had changed\n" in capsys.readouterr().err
    assert "MARK" in (place.folder / "art/constraints.json.tmp").read_text(encoding="utf-8")
    assert place.left_over() == []


def test_what_lay_aside_was_cleaned_up_after_a_crash(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = next(number for number, call in enumerate(place.calls) if call.name == "renameat2")
    trace(fix, place.folder, before=lambda at, _: "kill" if at == first else None)
    for path in place.folder.rglob(".statecheck-*.tmp"):
        path.unlink()
    assert again(place, monkeypatch) == 0
    assert "a repair that was interrupted was taken back, since files had changed\n" in capsys.readouterr().err
    assert snapshot(place.folder) == place.repaired
    assert place.left_over() == []


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        (b"", "cannot be used"),
        (b'{"version": 2, "steps": [], "folders": []}', "its version is 2"),
        (b'{"version": 1, "steps": [{"path": "a"}], "folders": []}', "cannot be used"),
        (b"{}", "cannot be used"),
        (b'{"version": 1, "steps": [], "folders": ["../a"]}', "leads out of the repository"),
        (
            b'{"version": 1, "folders": [], "steps": [{"path": "a", "place": "a", '
            b'"aside": "b/.statecheck-0000000000000000.tmp", "old": null, "new": null}]}',
            "b/.statecheck-0000000000000000.tmp is no file of a repair",
        ),
        (
            b'{"version": 1, "folders": [], "steps": [{"path": "a", "place": "../a", '
            b'"aside": "../.statecheck-0000000000000000.tmp", "old": null, "new": null}]}',
            "leads out of the repository",
        ),
        (
            b'{"version": 1, "folders": [], "steps": [{"path": "a", "place": "a", "aside": "b", "old": null, '
            b'"new": null}]}',
            "b is no file of a repair",
        ),
    ],
)
def test_a_journal_that_is_none(
    journal: bytes, said: str, either: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = either
    git_dir = place.folder / ".git"
    where = git_dir / "statecheck-repair.writing" if git_dir.is_dir() else place.folder / ".statecheck/repair.writing"
    where.parent.mkdir(exist_ok=True)
    where.write_bytes(journal)
    assert again(place, monkeypatch) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert where.name in errors
    where.unlink()
    assert again(place, monkeypatch) == 0


def test_another_run_is_not_waited_for_without_end(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(writer, "LOCK_SECONDS", 0.1)

    def late(at: int, call: Call) -> None:
        if call.name == "fsync" and not codes:
            codes.append(again(place, monkeypatch))

    codes: list[int] = []
    assert isinstance(trace(fix, place.folder, before=late), Trace)
    assert codes == [2]
    assert "another run has been holding .statecheck/repair for 0.1 seconds" in capsys.readouterr().err
