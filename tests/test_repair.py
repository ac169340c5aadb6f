"""fix-state as a whole: proven before it is written, written whole, nothing lost, nothing done twice."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from harness import Commands, git, make_repository, snapshot, write

from statecheck.documents import StateDocument
from statecheck.documents.positions import Span
from statecheck.documents.rewriting import replace
from statecheck.repair import exchange
from statecheck.rules import Fix, Fixer

MANIFEST = """{
    "artifact_type": "logo",\t
    "variants": [ {"name": "Größe", "path": "dist\\\\A.svg"},
                  {"name": "b",     "path": "dist/B.svg"} ],
    "sizes": [1.50, 1e2],
    "generation_timestamp": "2026-01-16 10:00:00z"
}"""
MENDED = (
    MANIFEST.replace("dist\\\\A.svg", "dist/A.svg")
    .replace("dist/B.svg", "dist/b.svg")
    .replace(" 10:00:00z", "T10:00:00Z")
)
FILES = {
    "art/artifact_manifest.json": MANIFEST,
    "art/constraints.json": '{"constraints": []}\n',
    "art/refinement_log.md": "# Refinement Log\n",
    "art/decisions.md": "# Decisions\n",
    "art/constraints.json~": '{"constr',
    "art/dist/A.svg": "<svg/>",
    "art/dist/b.svg": "<svg/>",
    "other/.iterative-work/x/state.json": '\ufeff{"task": "x", "slug": "x", "created": "2026-01-01T00:00:00Z",'
    ' "updated": "2026-01-01T00:00:00Z", "domain": "writing", "phase": "Discover"}',
}


def test_many_fixes_at_once_keep_every_other_byte(folder: Path, commands: Commands) -> None:
    write(folder, FILES)
    outcome = commands.fix()
    assert outcome.code == 0, outcome.out
    expected = {
        **FILES,
        "art/artifact_manifest.json": MENDED,
        "other/.iterative-work/x/state.json": FILES["other/.iterative-work/x/state.json"][1:].replace("Disc", "disc"),
    }
    del expected["art/constraints.json~"]
    assert snapshot(folder) == {name: text.encode() for name, text in expected.items()}
    assert "repaired 6 findings; wrote 2 files, removed 1" in outcome.out
    assert "fixed S101 unreadable-document: remove the byte order mark" in outcome.out
    again = commands.fix()
    assert (again.code, "repaired" in again.out) == (0, False)
    assert commands.check().code == 0


def test_diff_is_what_fix_state_writes(folder: Path, commands: Commands) -> None:
    make_repository(folder, FILES)
    shown = commands.fix("--diff")
    assert shown.code == 1
    assert snapshot(folder) == {name: text.encode() for name, text in FILES.items()}
    subprocess.run(["git", "apply", "-"], input=shown.out.encode(), cwd=folder, check=True)
    applied = snapshot(folder)
    write(folder, FILES)
    commands.fix()
    assert snapshot(folder) == applied


def test_diff_of_binary_and_new_files(folder: Path, commands: Commands) -> None:
    good = {**FILES, "art/artifact_manifest.json": MENDED, "art/constraints.json~": None}
    good["other/.iterative-work/x/state.json"] = None
    make_repository(folder, {**good, "art/dist/b.svg": b"\xff\x00"})
    write(folder, {"art/dist/b.svg": None, "art/dist/A.svg": None})
    shown = commands.fix("--diff", "--unsafe-fixes").out
    assert "Binary files /dev/null and b/art/dist/b.svg differ" in shown
    assert "--- /dev/null\n+++ b/art/dist/A.svg\n@@ -0,0 +1 @@\n+<svg/>\n\\ No newline at end of file\n" in shown


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755])
def test_mode_is_kept(mode: int, folder: Path, commands: Commands) -> None:
    write(folder, FILES)
    path = folder / "art/artifact_manifest.json"
    path.chmod(mode)
    commands.fix()
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.read_text() == MENDED


def test_a_link_stays_and_its_target_is_written(folder: Path, commands: Commands) -> None:
    write(folder, {**FILES, "art/artifact_manifest.json": {"link": "../real.json"}, "real.json": MANIFEST})
    assert commands.fix().code == 0
    assert os.readlink(folder / "art/artifact_manifest.json") == "../real.json"
    assert (folder / "real.json").read_text() == MENDED


def test_new_files_have_the_mode_of_the_user(folder: Path, commands: Commands) -> None:
    good = {**FILES, "art/artifact_manifest.json": MENDED, "art/constraints.json~": None}
    make_repository(folder, good)
    write(folder, {"art/dist/b.svg": None})
    mask = os.umask(0o027)
    try:
        commands.fix("--unsafe-fixes")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((folder / "art/dist/b.svg").stat().st_mode) == 0o640


def test_what_an_unsafe_fix_displaces_is_kept(folder: Path, commands: Commands) -> None:
    good = {**FILES, "art/artifact_manifest.json": MENDED, "art/constraints.json~": None}
    good["other/.iterative-work/x/state.json"] = None
    make_repository(folder, good)
    damaged = b'{"artifact_type": "lo\xff'
    write(folder, {"art/artifact_manifest.json": damaged})
    assert commands.fix().code == 1
    assert (folder / "art/artifact_manifest.json").read_bytes() == damaged
    outcome = commands.fix("--unsafe-fixes")
    assert outcome.code == 0
    assert (folder / "art/artifact_manifest.json").read_text() == MENDED
    kept = [path for path in (folder / ".statecheck/quarantine").rglob("*") if path.suffix == ".json"]
    assert [path.read_bytes() for path in kept] == [damaged]
    name = kept[0].relative_to(folder).as_posix()
    assert name == f".statecheck/quarantine/art/artifact_manifest.{hashlib.sha256(damaged).hexdigest()[:12]}.json"
    assert f"{name}: what was displaced is kept here" in outcome.out
    before = snapshot(folder)
    assert commands.fix("--unsafe-fixes").code == 0
    assert snapshot(folder) == before


def test_a_file_that_changes_meanwhile_stops_everything(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statecheck.cli import fixing as module

    real = module.repair

    def slow(*arguments: Any, **options: Any) -> Any:
        done = real(*arguments, **options)
        write(folder, {"art/artifact_manifest.json": "somebody else's work"})
        return done

    write(folder, FILES)
    monkeypatch.setattr(module, "repair", slow)
    outcome = commands.fix()
    assert outcome.code == 2
    assert "art/artifact_manifest.json changed while it was being repaired; nothing was written" in outcome.err
    assert snapshot(folder) == {
        **{name: text.encode() for name, text in FILES.items()},
        "art/artifact_manifest.json": b"somebody else's work",
    }


@pytest.mark.parametrize("call", ["fsync", "replace", "chmod"])
def test_a_write_that_fails_leaves_the_file_whole(
    call: str, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    write(folder, FILES)
    monkeypatch.setattr(os, call, full)
    outcome = commands.fix()
    assert outcome.code == 2
    assert "could not be written: no space left on device; nothing was written\n" in outcome.err
    assert snapshot(folder) == {name: text.encode() for name, text in FILES.items()}


def test_folders_that_a_repair_made_go_where_it_fails(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    make_repository(folder, {**FILES, "art/artifact_manifest.json": MENDED, "art/constraints.json~": None})
    write(folder, {"art/artifact_manifest.json": b'{"artifact_type": "lo\xff'})
    before = snapshot(folder)
    monkeypatch.setattr(os, "chmod", denied)
    assert commands.fix("--unsafe-fixes").code == 2
    assert snapshot(folder) == before
    assert not (folder / ".statecheck").exists()


DISAGREEMENT = "the fixers of S105 undo each other in art; nothing was repaired there"
WORD = ("constraints", 0, "last_checked")


def test_fixers_that_undo_each_other_are_named(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swap(violation: Any, *_: Any) -> Fix | None:
        document = violation.document
        assert isinstance(document, StateDocument)
        at = document.text.index('"severity": "') + len('"severity": "')
        other = "b" if document.text[at] == "a" else "a"
        return Fix(f"write {other}", (replace(document, Span(at, at + 1), other),))

    monkeypatch.setattr("statecheck.engine.proposals.fixers_for", lambda code: [Fixer(code, "safe", swap)])
    files = {
        "art/constraints.json": '{"constraints": [{"id": "C1", "severity": "a", "last_checked": "soon"}]}',
        "art/decisions.md": "# Decisions\n",
    }
    write(folder, files)
    outcome = commands.fix()
    assert outcome.code == 2
    assert outcome.err == f"fix-state: error: {DISAGREEMENT}\n"
    assert "fixable" not in outcome.out
    assert snapshot(folder) == {name: text.encode() for name, text in files.items()}


def test_fixers_that_undo_each_other_do_not_stop_the_repair_of_other_workspaces(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statecheck.engine import proposals

    real = proposals.fixers_for

    def swap(violation: Any, *_: Any) -> Fix | None:
        other = "later" if "soon" in violation.document.text else "soon"
        return Fix(f"write {other}", (replace(violation.document, violation.document.span(WORD), f'"{other}"'),))

    monkeypatch.setattr(
        proposals, "fixers_for", lambda code: [Fixer(code, "safe", swap)] if code == "S105" else real(code)
    )
    constraints = '{"constraints": [{"id": "C1", "severity": "a", "last_checked": "soon"}]}'
    task = {".iterative-work/x/state.json": '{"slug": "y"}'}
    write(folder, {"art/constraints.json": constraints, "art/decisions.md": "# Decisions\n", **task})
    before = snapshot(folder)
    shown = commands.fix("--diff", "--select", "S105,X606")
    assert shown.code == 2
    assert shown.err.endswith(f"fix-state: error: {DISAGREEMENT}\n")
    assert '+{"slug": "x"}' in shown.out
    assert snapshot(folder) == before
    outcome = commands.fix("--select", "S105,X606")
    assert (outcome.code, outcome.err) == (2, f"fix-state: error: {DISAGREEMENT}\n")
    assert snapshot(folder) == before | {".iterative-work/x/state.json": b'{"slug": "x"}'}


@pytest.mark.parametrize("uncovers", [False, True])
def test_a_fix_that_brings_a_new_error_is_refused_and_the_others_made(
    uncovers: bool, folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statecheck.engine import proposals

    real = proposals.fixers_for

    def spoil(violation: Any, *_: Any) -> Fix:
        return Fix("write nonsense", (replace(violation.document, Span(0, 1), "["),), uncovers=uncovers)

    monkeypatch.setattr(
        proposals, "fixers_for", lambda code: [Fixer(code, "safe", spoil)] if code == "S105" else real(code)
    )
    write(folder, FILES)
    outcome = commands.fix("--output-format", "json")
    assert [each.split()[0] for each in outcome.findings] == ["S105"]
    assert (folder / "art/artifact_manifest.json").read_text() == MENDED.replace("T10:00:00Z", " 10:00:00z")


def test_a_fix_that_leads_nowhere_is_not_offered(folder: Path, commands: Commands) -> None:
    write(folder, {**FILES, "art/dist/A.svg": None, "art/constraints.json~": None})
    outcome = commands.fix("--output-format", "json", "art")
    remaining = [each for each in outcome.findings if " error " in each]
    assert [each.split()[0] for each in remaining] == ["D303"]
    assert "dist\\\\A.svg" in (folder / "art/artifact_manifest.json").read_text()
    assert "dist/b.svg" in (folder / "art/artifact_manifest.json").read_text(), "the other fixes are still made"


def test_only_named_files_are_repaired(folder: Path, commands: Commands) -> None:
    write(folder, FILES)
    commands.fix("other")
    assert (folder / "art/artifact_manifest.json").read_text() == MANIFEST
    commands.fix("art/artifact_manifest.json")
    assert (folder / "art/artifact_manifest.json").read_text() == MENDED


def test_documents_are_written_in_their_order(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    real = exchange.exchange
    monkeypatch.setattr(exchange, "exchange", lambda one, other: (written.append(Path(other).name), real(one, other)))
    constraint = '{"constraints": [{"id": "C", "severity": "low", "last_checked": "2026-01-01 10:00:00Z"}]}'
    log = "# Log\n\n## Iteration 1 — 2026-01-01 10:00:00Z\n"
    write(folder, {**FILES, "art/constraints.json": constraint, "art/refinement_log.md": log})
    assert commands.fix("art", "--ignore", "X").code == 0
    assert written == ["artifact_manifest.json", "constraints.json", "refinement_log.md"]


def test_json_output_is_what_remains(folder: Path, commands: Commands) -> None:
    write(folder, FILES | {"art/dist/stray.svg": "<svg/>"})
    outcome = commands.fix("--output-format", "json")
    assert [each["code"] for each in json.loads(outcome.out)["findings"]] == ["D305"]


def test_a_repair_does_not_depend_on_the_order_of_rules(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statecheck.cli import setup

    results = []
    for order in (1, -1):
        write(folder, FILES)
        real = setup.select
        with monkeypatch.context() as patch:
            patch.setattr(setup, "select", lambda *words, o=order, r=real: dict(list(r(*words).items())[::o]))
            assert commands.fix().code == 0
        results.append(snapshot(folder))
    assert results[0] == results[1]


def test_many_variants_are_added_in_one_run(folder: Path, commands: Commands) -> None:
    logs = {"art/refinement_log.md": "# Refinement Log\n", "art/decisions.md": "# Decisions\n"}
    write(
        folder, logs | {"art/constraints.json": '{"constraints": []}'} | {f"art/dist/f{n}.txt": "x" for n in range(60)}
    )
    write(
        folder,
        {
            "art/artifact_manifest.json": '{"artifact_type": "x", "variants": [{"name": "f0", "path": "dist/f0.txt"}],'
            ' "generation_timestamp": "2026-01-16T10:00:00Z"}'
        },
    )
    assert commands.fix("--unsafe-fixes").code == 0
    assert commands.check("--strict").code == 0
    assert len(json.loads((folder / "art/artifact_manifest.json").read_text())["variants"]) == 60


def test_what_a_sparse_checkout_leaves_out_does_not_stop_the_rest(folder: Path, commands: Commands) -> None:
    from harness import git

    late = {
        "constraints.json": '{"constraints": [{"id": "C", "severity": "low", "last_checked": "2026-01-01 10:00:00Z"}]}'
    }
    other = {"decisions.md": "# Decisions\n"}
    make_repository(folder, {f"{name}/{file}": text for name in "ab" for file, text in {**late, **other}.items()})
    git(folder, "sparse-checkout", "set", "--no-cone", "/*", "!/b/")
    assert commands.fix().code == 0
    assert "T10:00:00Z" in (folder / "a/constraints.json").read_text()
    assert commands.check().code == 0


def test_a_file_that_comes_back_has_its_mode_and_line_ends(folder: Path, commands: Commands) -> None:
    from harness import git

    good = {
        **FILES,
        "art/artifact_manifest.json": MENDED,
        "art/constraints.json~": None,
        ".gitattributes": "*.svg eol=crlf\n",
    }
    good["other/.iterative-work/x/state.json"] = None
    write(folder, {**good, "art/dist/b.svg": "<svg>\n</svg>\n"})
    (folder / "art/dist/b.svg").chmod(0o755)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    (folder / "art/dist/b.svg").unlink()
    assert commands.fix("--unsafe-fixes").code == 0
    assert git(folder, "diff") == ""
    assert (folder / "art/dist/b.svg").read_bytes() == b"<svg>\r\n</svg>\r\n"


def test_a_diff_of_lines_that_look_like_its_own_is_a_patch(folder: Path, commands: Commands) -> None:
    head = "# T\n\n**Created:** 2026-01-01T00:00:00Z\n**Domain:** writing\n\n## Outcome Needed\n\n"
    brief = f"{head}## Done When\n\n- x\n\n## Constraints\n\n-- signed"
    state = FILES["other/.iterative-work/x/state.json"][1:].replace("Disc", "disc")
    make_repository(folder, {".iterative-work/x/state.json": state, ".iterative-work/x/brief.md": brief})
    shown = commands.fix("--diff")
    subprocess.run(["git", "apply", "-"], input=shown.out.encode(), cwd=folder, check=True)
    assert commands.check("--strict").code == 0
    assert "checked 1 workspace" in shown.err


def test_what_is_refused_is_said(folder: Path, commands: Commands) -> None:
    strict = {"properties": {"variants": {"items": {"required": ["size"]}}}}
    write(
        folder,
        {
            "w/constraints.json": '{"constraints": []}',
            "w/dist/a.svg": "<svg/>",
            "w/artifact_manifest.json": '{"artifact_type": "x", "variants": []}',
            "w/references/schemas/artifact-manifest.schema.json": json.dumps(strict),
        },
    )
    outcome = commands.fix("--unsafe-fixes")
    assert "not fixed D305: to add a variant for dist/a.svg would bring another error, S103" in outcome.out


@pytest.mark.parametrize("name", ["constraints.json", "artifact_manifest.json"])
def test_naming_one_file_leaves_the_others_alone(name: str, folder: Path, commands: Commands) -> None:
    write(folder, {**FILES, "art/artifact_manifest.json.tmp": "{"})
    commands.fix(f"art/{name}")
    assert (folder / "art/artifact_manifest.json.tmp").exists()
    assert (folder / "art/constraints.json~").exists()
    commands.fix("art/artifact_manifest.json.tmp")
    assert not (folder / "art/artifact_manifest.json.tmp").exists()
    assert (folder / "art/constraints.json~").exists()


def test_a_users_own_ignore_file_in_the_quarantine_stays(folder: Path, commands: Commands) -> None:
    write(folder, {"w/constraints.json": '{"constraints": [], "a": 1, "a": 2}', "w/decisions.md": "# Decisions\n"})
    write(folder, {".statecheck/quarantine/.gitignore": "mine\n"})
    assert commands.fix("--unsafe-fixes").code == 0
    assert (folder / ".statecheck/quarantine/.gitignore").read_text() == "mine\n"


def test_a_memory_that_there_only_was_earlier_is_not_made_without_asking(repository: Path, commands: Commands) -> None:
    initiative = '{"name": "alpha", "status": "%s", "lastUpdated": "2026-01-16T1%s:00:00Z"}\n'
    for number, memory in enumerate(["# Memory\n", None]):
        write(repository, {".claude/initiative.json": initiative % ("in_progress", number), "MEMORY.md": memory})
        git(repository, "add", "-A", "-f")
        git(repository, "commit", "-q", "-m", f"commit {number}")
    write(repository, {".claude/initiative.json": initiative % ("completed", 2)})
    before = snapshot(repository)
    assert [each.split()[0] for each in commands.check_json("--select", "M").findings] == ["M501"]
    commands.fix("--select", "M")
    assert snapshot(repository) == before
    commands.fix("--select", "M", "--unsafe-fixes")
    made = b"# Memory\n\n## Recent Completions\n\n- Completed initiative for alpha: completed\n"
    assert snapshot(repository) == {**before, "MEMORY.md": made}
