"""Hostile input: what an untrusted pull request may bring does no harm. SECURITY.md names the promises.

Every case is judged and repaired in a process of its own that has bounded time and memory, and whose every step is
seen: it reads the repository and its own installation, changes the workspace alone, starts git alone, and connects to
nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from harness import ROOT, as_bytes, git, make_repository, snapshot, write
from watched import Watched, watch

from statecheck.cache import cache_folder

SCHEMA = json.loads((ROOT / "schemas" / "findings.schema.json").read_text(encoding="utf-8"))
HEALTHY = ROOT / "examples" / "healthy"
TASK = ".iterative-work/tram-noise"

OWN = tuple(os.path.realpath(each) for each in (sys.prefix, sys.base_prefix, ROOT))
"""What the tool is made of: Python, the packages, and this project."""

MOUNTS = re.compile(r"/proc/\d+/mountinfo")
"""Where Linux says what file systems there are: not every one has folders whose times tell of a change."""

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that act on a terminal, or turn the direction of the text that follows."""

COMMAND_OF_CI = re.compile(r"^\s*::|##(\[|vso\[|teamcity\[)", re.MULTILINE)
"""What a CI system takes for a command of its own."""

JOURNAL = re.compile(r"\.git(/statecheck-repair\.(lock|staging(\.new)?|writing|settled))?")
"""What a repair may write of a git directory: its own journal."""

JSON = ("--output-format", "json")
RUNS = (
    ("check", *JSON),
    ("check", "-v"),
    ("check", "-v", "--output-format", "concise"),
    ("fix", "--diff", "--unsafe-fixes"),
    ("fix", "--unsafe-fixes", *JSON),
    ("fix", "--unsafe-fixes", *JSON),
)
"""What is run on each case: every output, and a repair, twice."""

BRIEFLY = (("check", *JSON), ("check", "-v"), ("fix", "--unsafe-fixes", *JSON))
"""What is run on cases that take long."""


def healthy(folder: Path, *kinds: str) -> Path:
    """Put healthy workspaces into a folder."""
    for kind in kinds or ("refinement", "workflow", "iterative-work"):
        shutil.copytree(HEALTHY / kind, folder, dirs_exist_ok=True)
    return folder


def judge(folder: Path, *runs: tuple[str, ...], root: Path | None = None) -> list[Watched]:
    """Run the commands in a folder, see to it that each is harmless, and return what they said."""
    before = snapshot(folder)
    done = watch(folder, *(runs or RUNS))
    for run, outcome in zip(runs or RUNS, done, strict=True):
        assert_harmless(outcome, root or folder, writes="--record" in run or (run[0] == "fix" and "--diff" not in run))
    if not runs:
        assert done[-1].changed <= {os.devnull}, "a second repair changes something"
        first, second = ((each.json["findings"] if each.out else each.err) for each in done[-2:])
        assert first == second
    if not any(run[0] == "fix" or "--record" in run for run in runs or RUNS):
        assert snapshot(folder) == before
    return done


def assert_harmless(outcome: Watched, root: Path, *, writes: bool) -> None:
    """Fail where a command did, or printed, what no command may."""
    assert outcome.code in (0, 1, 2), outcome
    assert "Traceback" not in outcome.err + outcome.out
    assert "the rule failed" not in outcome.out
    assert not ACTING.search(outcome.out + outcome.err)
    assert not COMMAND_OF_CI.search(outcome.out + outcome.err)
    assert not outcome.network
    assert outcome.started <= {"git"}
    top = os.path.realpath(root)
    cache = os.path.realpath(cache_folder())  # of the user's own, with nothing in it that is not of this test
    assert not [each for each in outcome.read if not (_below(each, top, cache, *OWN) or MOUNTS.fullmatch(each))]
    for each in outcome.changed - {os.devnull}:
        if each in (cache, os.path.dirname(cache)) or _below(each, cache):
            continue
        assert writes and _below(each, top), each
        assert not _below(each, f"{top}/.git") or JOURNAL.fullmatch(each, len(top) + 1), each
    if outcome.out.startswith("{"):
        jsonschema.Draft202012Validator(SCHEMA).validate(outcome.json)


def _below(path: str, *folders: str) -> bool:
    return any(path == each or path.startswith(f"{each}{os.sep}") for each in folders)


def manifest(*paths: str, **more: Any) -> str:
    """Return a manifest with a variant for each path."""
    variants = [{"name": f"v{index}", "path": path} for index, path in enumerate(paths)]
    when = "2026-01-16T10:00:00Z"
    return json.dumps({"artifact_type": "logo", "variants": variants, "generation_timestamp": when} | more, indent=2)


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return opening * depth + inner + closing * depth


# Documents: nesting, numbers, names and characters that exhaust or confuse readers.

MEGABYTE = 2**20
JSON_TEXTS = {
    "lists 100,000 deep": nested("[", "", "]", 100_000),
    "objects 100,000 deep": nested('{"a":', "1", "}", 100_000),
    "objects 499 deep": nested('{"a":', "1", "}", 499),
    "a million digits": '{"a": %s}' % ("7" * 1_000_000),
    "a million digits after the point": '{"a": 0.%s}' % ("7" * 1_000_000),
    "a huge exponent": '{"a": 1e999999, "b": -1e999999, "c": 1e-999999}',
    "as many digits as are read": '{"task": 7%s}' % ("7" * 4299),
    "duplicate keys": '{"slug": "a", "slug": "b", "phases": [], "phases": {}}',
    "20,000 duplicate keys": '{%s"b": 1}' % ('"a": 1, ' * 20_000),
    "half a surrogate pair": '{"slug": "\\ud800", "\\udfff": 1}',
    "NUL": '{"slug": "a\0b"}',
    "written NUL": '{"slug": "a\\u0000b", "phases": [{"name": "\\u0000"}]}',
    "one line of 15 MB": '{"slug": "%s"}' % ("x" * 15 * MEGABYTE),
    "one line of 20 MB": '{"slug": "%s"}' % ("x" * 20 * MEGABYTE),
    "a million brackets in a string": '{"slug": "%s"}' % ("[" * 1_000_000),
    "quotes and backslashes": '{"slug": "%s"}' % ('\\\\\\"' * 300_000),
    "an open string of backslashes": '{"slug": "%s' % ("\\" * 1_000_001),
    "a million blanks before the end": '{"slug": 1,%s' % (" " * 1_000_000),
    "half a million commas": "[%s" % ("1," * 500_000),
    "names of Python": '{"__class__": {"__init__": 1}, "__proto__": {}, "constructor": 1, "phases": {"__dict__": {}}}',
    "no object": "[1, 2, 3]",
    "conflict markers": "<<<<<<< a\n" * 20_000 + "=======\n" * 20_000 + ">>>>>>> b\n" * 20_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", JSON_TEXTS)
def test_hostile_json(name: str, folder: Path) -> None:
    documents = {f"{TASK}/state.json", "artifact_manifest.json", ".claude/initiative.json"}
    write(healthy(folder), dict.fromkeys(documents, JSON_TEXTS[name]))
    first = judge(folder)[0]
    assert documents <= {each["path"] for each in (*first.json["findings"], *first.json["unverified"])}


STATUS = "documentation/milestones/_active/search-index/WORKFLOW-STATUS.yaml"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
YAML_TEXTS = {
    "billion laughs": LAUGHS,
    "merged laughs": "a0: &a0 {k: v}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: v}}\n" for n in range(1, 12)),
    "an alias to itself": "a: &a\n  b: *a\n",
    "Python objects": 'a: !!python/object/apply:os.system ["touch harmed"]\n',
    "a Python name": "a: !!python/name:os.system\nb: !!python/module:os\n",
    "unknown tags": "a: !evil {b: 1}\n%TAG ! tag:evil,2000:\n",
    "a tag of a scalar": "status: !!binary aGVsbG8=\nname: !!set {a, b}\n",
    "brackets 100,000 deep": "[" * 100_000,
    "brackets 1,000 deep": nested("[", "", "]", 1000),
    "braces 900 deep": nested("{a: ", "1", "}", 900),
    "blocks 1,000 deep": "\n".join(" " * depth + "a:" for depth in range(1000)),
    "dashes 5,000 deep": "- " * 5000 + "a",
    "3,000 keys": "".join(f"k{n}: v\n" for n in range(3000)),
    "questions": "? " * 5000,
    "one line of 128 KiB": "a: " + "x" * (2**17 - 10),
    "an open quote": 'a: "' + "x\n" * 50_000,
    "4,000 hexadecimal digits": "status: 0x" + "f" * 4000 + "\n",
    "100,000 digits": "a: " + "7" * 100_000,
    "anchors": "".join(f"k{n}: &a{n} v\n" for n in range(5000)),
    "20 MB": "a: x\n" * (4 * MEGABYTE),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", YAML_TEXTS)
def test_hostile_yaml(name: str, folder: Path) -> None:
    write(healthy(folder, "workflow"), {STATUS: YAML_TEXTS[name]})
    judge(folder)
    assert not (folder / "harmed").exists()


TIMES = 1000
LENGTH = 2**16
MARKDOWN_TEXTS = {
    "brackets": "[" * LENGTH,
    "links": "[a](" * LENGTH,
    "quotations 5,000 deep": "> " * 5000 + "a",
    "many quotations": ("> " * 50 + "a\n") * 200,
    "lists 500 deep": "".join(" " * (2 * depth) + "- a\n" for depth in range(500)),
    "dashes": "- " * TIMES,
    "numbers": "1. " * TIMES,
    "backticks": "".join("`" * width + " " for width in range(1, 500)),
    "open fences": "```\n~~~\n" * TIMES,
    "open comments": "<!--" * LENGTH,
    "comments on lines": "<!--\n" * TIMES,
    "comments in paragraphs": "a <!-- b\n\n" * TIMES,
    "tags": "<a " * LENGTH,
    "emphasis": "*a **" * LENGTH,
    "asterisks": "*" * LENGTH,
    "underscores": "_" * LENGTH,
    "rules": "- - -\n" * TIMES,
    "headings": "## Iteration 1 — 2026-01-16T10:00:00Z\n" * TIMES,
    "long headings": "## " + "Iteration 1 " * LENGTH + "\n",
    "underlined": "a\n===\n" * TIMES,
    "one paragraph": "a\n" * 20_000,
    "references": "".join(f"[a{n}]: b\n" for n in range(TIMES)),
    "an open reference": "[a]: <" + "b" * LENGTH,
    "tables": "| a | b |\n|---|---|\n" * TIMES,
    "table rulers": "|" + "-:" * 20_000 + "|\n",
    "fields": "**Constraint Status:** a\n" * TIMES,
    "bold without an end": "**a" * LENGTH,
    "tabs": "\t" * LENGTH + "a\n",
    "blanks": " " * LENGTH + "a\n",
    "line ends": "\r" * 20_000 + "\n\r" * 20_000,
    "half conflicts": "<<<<<<< a\n=======\n" * TIMES,
    "half conflicts that end": "=======\n>>>>>>> a\n" * TIMES,
    "entities": "&#0;&#x1b;&amp" * 20_000,
    "names as of work": f"- [ ] **{'R' * LENGTH}: b\n",
    "dates": "2026-01-16T10:00:00Z " * 20_000,
    "boxes": "- [x] **R1:** a\n  - Output: `a`\n" * TIMES,
    "arrows": "## Dependencies\n\n" + "R1 -> " * 20_000 + "R2\n" + "R1, R2 → R3\n" * TIMES,
    "completions": "- Completed a for b: c\n" * TIMES + "Completed " + "a for " * LENGTH,
    "checkpoints": "- Active " + "a workflow: " * LENGTH + "\n",
}
MARKDOWN_FILES = (
    "refinement_log.md",
    "decisions.md",
    "MEMORY.md",
    *(f"{TASK}/{name}.md" for name in ("plan", "brief", "progress", "guardrails", "context")),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", MARKDOWN_TEXTS)
def test_hostile_markdown(name: str, folder: Path) -> None:
    """Every Markdown document at once, each of this text below a beginning of its own."""
    healthy(folder)
    for path in MARKDOWN_FILES:
        write(folder, {path: (folder / path).read_bytes() + b"\n" + as_bytes(MARKDOWN_TEXTS[name])})
    judge(folder, *BRIEFLY)


@pytest.mark.slow
@pytest.mark.parametrize("text", ["[", "`", "<!--", "*a **", "a "])
def test_ten_megabytes_of_markdown(text: str, folder: Path) -> None:
    write(healthy(folder, "refinement"), {"decisions.md": text * (10 * MEGABYTE // len(text))})
    judge(folder, *BRIEFLY)


# Many: what is judged one by one, and against each other.

COUNT = 500
MANY = {
    "artifact_manifest.json": {
        "variants that say nothing": manifest().replace('"variants": []', f'"variants": [{"{}," * COUNT}0]'),
        "variants of one name": manifest().replace(
            '"variants": []', f'"variants": [{",".join([json.dumps({"name": "a", "path": "dist/a.svg"})] * COUNT)}]'
        ),
        "paths that are not there": manifest(*(f"dist/{n}.svg" for n in range(COUNT))),
        "a path with many steps": manifest("a/../" * COUNT + "dist/badge-light.svg", "./" * COUNT + "dist"),
        "fields that may be paths": manifest(notes=[f"dist/{n}" for n in range(COUNT)]),
        "sizes that are no sizes": manifest("dist/badge-light.svg", sizes=[f"{'9' * 5000}x1", "x", {}, 1e308, -1]),
    },
    "constraints.json": {
        "constraints of one id": json.dumps({"constraints": [{"id": "C1", "severity": "blocking"}] * COUNT}),
        "ids like one another": json.dumps({"constraints": [{"id": f"C-{n:05}"} for n in range(COUNT)]}),
    },
    f"{TASK}/state.json": {
        "phases of one name": json.dumps({"slug": "a", "phases": [{"name": "R1", "status": "done"}] * COUNT}),
        "phases by name": json.dumps({"slug": "a", "phases": {f"R{n}": {"status": "x"} for n in range(COUNT)}}),
    },
    ".claude/initiative.json": {
        "milestones": json.dumps({"name": "a", "progress": {f"M{n}": {"status": "x"} for n in range(COUNT)}}),
        "times that are none": json.dumps({"name": "a", "lastUpdated": "2026-13-45T99:99:99Z" * COUNT}),
    },
    ".statecheck/amendments.jsonl": {
        "amendments": '{"path": "decisions.md", "old_sha256": "a", "new_sha256": "a", "reason": "", "time": "x"}\n'
        * COUNT,
        "lines that are none": "{\n" * COUNT,
        "a deep line": nested("[", "", "]", 100_000) + "\n",
        "a line of digits": '{"path": %s}\n' % ("7" * 10_000),
    },
}


@pytest.mark.slow
@pytest.mark.parametrize(("document", "name"), [(path, name) for path, texts in MANY.items() for name in texts])
def test_many(document: str, name: str, folder: Path) -> None:
    write(healthy(folder), {document: MANY[document][name]})
    judge(folder)


# Schemas that a project brings: patterns, references, alternatives.

ANY = {"task": "a" * 50_000 + "!", "phases": [{"name": "R1"}]}
DEEP: Any = {"task": {}}
for _ in range(60):
    DEEP = {"task": DEEP}


def definitions(count: int, make: Any) -> dict[str, Any]:
    """Return a schema of many definitions, each made of a reference to the next."""
    each = {f"a{n}": make({"$ref": f"#/$defs/a{n + 1}"}) for n in range(count)}
    return {"$ref": "#/$defs/a0", "$defs": each | {f"a{count}": {"type": "object"}}}


def beneath(schema: Any) -> dict[str, Any]:
    return {"properties": {"task": schema}}


SCHEMAS: dict[str, tuple[Any, Any]] = {
    "nested quantifiers": (beneath({"pattern": "^(a+)+$"}), ANY),
    "nested quantifiers with look-ahead": (beneath({"pattern": "^(?=a)(a+)+$"}), ANY),
    "a look-ahead for each of many": (
        {"additionalProperties": {"pattern": "^(?=a)(a|aa)+$"}},
        {f"k{n}": "a" * 60 + "!" for n in range(2000)},
    ),
    "a reference back": (beneath({"pattern": r"^(a*)*\1$"}), ANY),
    "names by a pattern": ({"patternProperties": {"^(a+)+$": False}, "additionalProperties": False}, {"a" * 500: 1}),
    "names that match": ({"propertyNames": {"pattern": "^([a-z]+)*$"}}, {"a" * 50_000 + "!": 1}),
    "a counted pattern": (beneath({"pattern": "^(([ab]{1,100}){1,100}){1,100}$"}), ANY),
    "a large automaton": (beneath({"pattern": "(a|b)*a(a|b){3000}!"}), {"task": "ab" * 7 * MEGABYTE}),
    "no pattern": (beneath({"pattern": "("}), ANY),
    "a reference to itself": ({"$ref": "#"}, ANY),
    "a reference to itself in all of": ({"allOf": [{"$ref": "#"}]}, ANY),
    "references in a circle": (definitions(2, lambda each: each) | {"$defs": {"a0": {"$ref": "#/$defs/a0"}}}, ANY),
    "a dynamic reference": ({"$dynamicAnchor": "a", "anyOf": [{"$dynamicRef": "#a"}]}, ANY),
    "doubled 40 times": (definitions(40, lambda each: {"allOf": [each, each]}), ANY),
    "doubled below 40 times": (definitions(40, lambda each: {"anyOf": [beneath(each), beneath(each)]}), DEEP),
    "doubled by depth": ({"allOf": [beneath({"$ref": "#"}), beneath({"$ref": "#"})]}, DEEP),
    "one of, doubled by depth": ({"oneOf": [beneath({"$ref": "#"}), beneath({"$ref": "#"})]}, DEEP),
    "a file": (beneath({"$ref": "file:///etc/passwd"}), ANY),
    "an absolute path": (beneath({"$ref": "/etc/passwd"}), ANY),
    "a path that climbs": (beneath({"$ref": "../../../../../../etc/passwd"}), ANY),
    "an encoded path": (beneath({"$ref": "%2e%2e/%2e%2e/%2e%2e/etc/passwd"}), ANY),
    "an address": (beneath({"$ref": "http://127.0.0.1:9/a.json"}), ANY),
    "a secure address": (beneath({"$ref": "https://example.org/a.json#/x"}), ANY),
    "an address as base": ({"$id": "http://127.0.0.1:9/", "$ref": "a.json"}, ANY),
    "a file as base": ({"$id": "file:///etc/", "$ref": "passwd"}, ANY),
    "a host of the network": (beneath({"$ref": "//127.0.0.1/share/a.json"}), ANY),
    "no address": (beneath({"$ref": "http://[::1"}), ANY),
    "a dialect at an address": ({"$schema": "http://127.0.0.1:9/schema"}, ANY),
    "10 MB of one of": ({"oneOf": [{"const": n} for n in range(700_000)]}, ANY),
    "as much of one of as is read": ({"oneOf": [{"const": n} for n in range(3800)]}, ANY),
    "one of for each of many": (
        {"additionalProperties": {"oneOf": [{"const": n} for n in range(3000)]}},
        {f"k{n}": -1 for n in range(3000)},
    ),
    "many that fail": ({"additionalProperties": {"type": "null"}}, {f"k{n}": n for n in range(100_000)}),
    "all of, 240 deep": (json.loads(nested('{"allOf": [', "{}", "]}", 240)), ANY),
    "not, 480 deep": (json.loads(nested('{"not": ', "{}", "}", 480)), ANY),
    "many references": (
        {"$defs": {"a": {}}, "allOf": [{"$ref": "#/$defs/a"}] * 2500, "$id": "a", "not": {"$id": "b", "type": "null"}},
        ANY,
    ),
    "a list of unique things": (beneath({"uniqueItems": True}), {"task": [[n] for n in range(20_000)]}),
    "a fraction of a huge number": (beneath({"multipleOf": 1e-300}), {"task": 10**300}),
    "a huge count": (beneath({"minLength": 10**400, "maxItems": -1}), ANY),
    "keywords of the wrong type": ({"properties": [], "required": {}, "type": 1, "$ref": 1, "$defs": "a"}, ANY),
    "no schema": ("a", ANY),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEMAS)
def test_hostile_schema(name: str, folder: Path) -> None:
    schema, value = SCHEMAS[name]
    healthy(folder, "iterative-work")
    write(
        folder,
        {"references/schemas/task-state.schema.json": json.dumps(schema), f"{TASK}/state.json": json.dumps(value)},
    )
    judge(folder, *BRIEFLY)


@pytest.mark.slow
def test_a_chain_of_schemas(folder: Path) -> None:
    """Each refers to the next one."""
    healthy(folder, "iterative-work")
    chain = {f"references/schemas/{n}.json": json.dumps({"$ref": f"{n + 1}.json"}) for n in range(2000)}
    write(folder, chain | {"references/schemas/task-state.schema.json": '{"$ref": "0.json"}'})
    assert "S104" in judge(folder)[0].codes


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside.json", "task-state.schema.json", "/dev/zero"])
def test_a_schema_that_is_a_link(target: str, folder: Path) -> None:
    write(folder.parent, {"outside.json": '{"const": "secret"}'})
    healthy(folder, "iterative-work")
    write(folder, {"references/schemas/task-state.schema.json": {"link": target}})
    first = judge(folder)[0]
    assert first.code != 0
    assert "secret" not in first.out


# Manifests, and the tree: paths that lead out, links, devices, names.

PATHS = {
    "/etc/passwd": "D303",
    "../../../../../../../../etc/passwd": "D303",
    "..": "D303",
    "../..": "D303",
    "dist/../../../outside.txt": "D303",
    "dist/loop": "D303",
    "dist/loop/x": "D303",
    "dist/out": "D303",
    "dist/secret": "D303",
    "dist/up/outside.txt": "D303",
    "C:\\Windows\\System32": "D303",
    "\\\\host\\share\\a": "D303",
    "file:///etc/passwd": "D303",
    "http://127.0.0.1:9/a.png": "D303",
    "dist/a\0b": "D303",
    "~/.ssh/id_rsa": "D301",
    "$HOME/.ssh/id_rsa": "D301",
    "dist/`touch harmed`": "D301",
    "--help": "D301",
    "dist/" + "x" * 5000: "D301",
    "dist/" + "x/" * 5000: "D301",
    "/dev/zero": "D303",
    "/proc/self/environ": "D303",
    "": "S103",
}


@pytest.mark.skipif(sys.platform == "win32", reason="links and devices")
@pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
def test_manifests_that_point_elsewhere(versioned: bool, folder: Path) -> None:
    write(folder.parent, {"outside.txt": "secret"})
    healthy(folder, "refinement")
    links = {"loop": "loop", "out": "/etc/passwd", "secret": "../../outside.txt", "up": "../..", "zero": "/dev/zero"}
    write(folder, {f"dist/{name}": {"link": target} for name, target in links.items()})
    write(folder, {"artifact_manifest.json": manifest(*PATHS, "dist/zero", "dist/pipe", "dist")})
    if versioned:
        make_repository(folder)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "first")
    os.mkfifo(folder / "dist" / "pipe")
    first = judge(folder)[0]
    assert "secret" not in first.out.replace("dist/secret", "").replace('"secret', "")
    assert not (folder / "harmed").exists()
    said = {each["code"] for each in first.json["findings"]}
    assert {"D301", "D303"} <= said
    assert first.code == 1


@pytest.mark.skipif(sys.platform == "win32", reason="links and devices")
@pytest.mark.parametrize("kind", ["fifo", "folder", "link to a device", "link out", "loop", "link in the tree", "gone"])
@pytest.mark.parametrize(
    "documents",
    [
        ["artifact_manifest.json", f"{TASK}/state.json", ".claude/initiative.json"],
        ["refinement_log.md", f"{TASK}/progress.md", "MEMORY.md", STATUS, ".statecheck/amendments.jsonl"],
        ["dist/badge-light.svg", f"{TASK}/outputs", "references/schemas/task-state.schema.json"],
        ["statecheck.toml"],
        [".statecheck/ledger.json"],
    ],
    ids=lambda each: each[0],
)
def test_what_is_no_file(documents: list[str], kind: str, folder: Path) -> None:
    write(folder.parent, {"outside": "secret\n" * 3})
    healthy(folder)
    for path in (folder / each for each in documents):
        targets = {
            "link to a device": "/dev/zero",
            "link out": os.path.relpath(folder.parent / "outside", path.parent),
            "loop": path.name,
            "link in the tree": os.path.relpath(folder / "notes" / path.name, path.parent),
            "gone": "nowhere",
        }
        name = path.relative_to(folder).as_posix()
        write(folder, {f"notes/{path.name}": "# Notes\n"})
        write(folder, {name: {"link": targets[kind]} if kind in targets else {"folder": True}})
        if kind == "fifo":
            path.rmdir()
            os.mkfifo(path)
    for outcome in judge(folder):
        assert "secret" not in outcome.out
    assert (folder.parent / "outside").read_text() == "secret\n" * 3


NASTY = {
    "a line break": "a\nb",
    "a carriage return": "a\rb",
    "an escape sequence": "a\x1b[31mb\x1b]0;owned\x07",
    "quotes": "a'b\"c`d",
    "a command": "$(touch harmed);touch harmed",
    "a command of GitHub": "::error file=x,line=1::forged",
    "a command of Azure": "##vso[task.complete result=Succeeded]",
    "a line that forges": "x\n::error::forged\nchecked 1 workspace, 1 file; no findings",
    "an option": "--help",
    "a direction": "a\u202egnp.exe",
    "separators": "a\u2028b\u2029c\x85d",
    "a tab and a backslash": "a\t\\b",
    "no UTF-8": os.fsdecode(b"a\xff\xfe\x80b"),
    "a pathspec": ":(top)*",
    "a pattern": "a[b]*?{c}",
    "a deletion": "a\x7f\x08\x9b31m",
    "blanks": "  a  ",
    "200 letters": "\u00e4" * 100,
}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names that the file system refuses")
@pytest.mark.parametrize("name", NASTY)
def test_hostile_names(name: str, folder: Path) -> None:
    nasty = NASTY[name]
    where = folder / nasty
    where.mkdir()
    healthy(where)
    write(
        folder,
        {
            f"{nasty}/dist/{nasty}": "x",
            f"{nasty}/.iterative-work/{nasty}/state.json": "{",
            f"{nasty}/.claude/{nasty}.json.tmp": "{",
            f"{nasty}/refinement_log.md": os.fsencode(f"# Log\n\n## {nasty}\n\nx\n"),
            f"{nasty}/artifact_manifest.json": manifest(f"dist/{nasty}-", nasty.encode(errors="replace").decode()),
        },
    )
    assert judge(folder)[0].code == 1
    make_repository(folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    write(folder, {f"{nasty}/refinement_log.md": os.fsencode(f"# Log\n\n## {nasty} again\n\ny\n")})
    assert judge(folder, *BRIEFLY)[0].code == 1
    assert not list(folder.rglob("harmed"))


# Text that would act on the terminal, or on the CI system that reads the output.

FORGERIES = {
    "colours": "\x1b[31mred\x1b[0m \x1b[2K\x1b[1A",
    "a title": "\x1b]0;owned\x07",
    "a link": "\x1b]8;;http://example.org\x1b\\click\x1b]8;;\x1b\\",
    "a device string": "\x1bP+q\x1b\\ \x9b31m \x90",
    "a carriage return": "error\rall is well",
    "a bell": "\x07\x08\x08\x08",
    "a direction": "\u202eerror\u2066\u2069\u200f",
    "no width": "er\u200bror\ufeff\u00ad",
    "separators": "a\u2028::error::x\u2029::error::y\x85::error::z",
    "GitHub": "::error file=x,line=1::forged\n::set-output name=a::b\n::stop-commands::x",
    "GitHub, indented": "  ::add-mask::a\n\t::error::b",
    "GitHub, encoded": "%0A::error::forged%0D%0A",
    "Azure": "##vso[task.setvariable variable=a]b\n##[error]forged",
    "GitLab": "section_start:1:a\r\x1b[0Kforged",
    "TeamCity": "##teamcity[buildStatus status='SUCCESS']",
    "a verdict": "x\nchecked 9 workspaces, 9 files; no findings",
    "markup": '<script>alert(1)</script> ]]> & "quoted" `code` | a | ![x](http://127.0.0.1:9/x.png)',
}


@pytest.mark.parametrize("name", FORGERIES)
def test_hostile_text(name: str, folder: Path) -> None:
    """The text stands wherever a finding may quote it: names, values, headings, fields, entries, keys."""
    text = FORGERIES[name]
    line = text.replace("\n", " ").replace("\r", " ").replace("\u2028", " ").replace("\u2029", " ").replace("\x85", " ")
    make_repository(healthy(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", text)
    plan = (folder / TASK / "plan.md").read_text()
    write(
        folder,
        {
            "artifact_manifest.json": manifest(f"dist/{text}", text, artifact_type=text, **{text: text}),
            "constraints.json": json.dumps({"constraints": [{"id": text, "severity": text}, {"id": text}]}),
            "refinement_log.md": f"# Log\n\n## {line}\n\n{text}\n\n## Iteration 1 — {line}\n\n### Constraint Status\n\n"
            f"- {line}: violated\n{text}\n",
            f"{TASK}/state.json": json.dumps({"slug": text, "phases": [{"name": text, "status": text}], text: text}),
            f"{TASK}/progress.md": f"# Progress\n\n## {line} - Iteration 9 - {line}\n\n**Signal:** {line}\n{text}\n",
            f"{TASK}/plan.md": plan.replace("**", f"**{line}", 3) + f"\n- [ ] **{line}:** {line}\n{text}\n",
            f"{TASK}/brief.md": f"# {line}\n\n**Domain:** {line}\n{text}\n",
            ".claude/initiative.json": json.dumps({"name": text, "status": text, "progress": {text: text}}),
            STATUS: f"name: {json.dumps(text)}\nstatus: {json.dumps(text)}\n{json.dumps(text)}: x\n",
            "MEMORY.md": f"- Completed {line} for {line}: {line}\n- Active {line} workflow: {line}\n{text}\n",
            ".statecheck/amendments.jsonl": json.dumps({"path": text, "reason": text}) + "\n",
            "references/schemas/constraints.schema.json": json.dumps({"$ref": text, text: text}),
        },
    )
    first = judge(folder)[0]
    assert first.code == 1


@pytest.mark.parametrize("arguments", [["--base"], ["--select"], ["--now"], ["--output-format"], ["--"]])
def test_hostile_arguments(arguments: list[str], folder: Path) -> None:
    """A branch or file name that a CI job passes on."""
    make_repository(healthy(folder))
    for text in ("\x1b[31mx\n::error::forged", "\u202ex", "a\0b"[:1], "--upload-pack=touch harmed"):
        for outcome in judge(
            folder, ("check", *arguments, text) if arguments[0] == "--" else ("check", f"{arguments[0]}={text}")
        ):
            assert outcome.code in (0, 2)
    assert not (folder / "harmed").exists()


# git: what a repository's own files and configuration could have it run or read.


@pytest.fixture
def marker(folder: Path) -> Path:
    """A file that the program `evil` makes when anything runs it."""
    made = folder.parent / "evil-ran"
    evil = folder.parent / "evil"
    evil.write_text(f'#!/bin/sh\necho "$0 $*" >> "{made}"\ncat 2>/dev/null\n')
    evil.chmod(0o755)
    return made


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
def test_git_runs_no_program_of_a_repository(folder: Path, marker: Path) -> None:
    make_repository(healthy(folder))
    write(folder, {"empty": "", ".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    evil = str(folder.parent / "evil")
    for key in (
        "filter.evil.clean",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "merge.evil.driver",
    ):
        git(folder, "config", key, evil)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "core.editor", "core.askPass", "core.sshCommand"):
        git(folder, "config", key, evil)
    for key in ("gpg.program", "credential.helper", "uploadpack.packObjectsHook", "core.alternateRefsCommand"):
        git(folder, "config", key, evil)
    git(folder, "config", "log.showSignature", "true")
    git(folder, "config", "alias.ls-files", f"!{evil}")
    hooks = folder.parent / "hooks"
    hooks.mkdir()
    for name in ("post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"):
        shutil.copy(evil, hooks / name)
    git(folder, "config", "core.hooksPath", str(hooks))
    marker.unlink(missing_ok=True)
    decisions = (folder / "decisions.md").read_bytes()
    write(folder, {"decisions.md": decisions + b"\nx\n", "empty": "", "new": ""})
    judge(folder)
    judge(
        folder, ("check", "--staged"), ("check", "--base", "HEAD"), ("check", "--from-ref", "HEAD", "--to-ref", "HEAD")
    )
    assert not marker.exists(), marker.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
@pytest.mark.parametrize("worktree", ["..", "/", "."])
def test_a_repository_among_the_files_of_another(worktree: str, folder: Path, marker: Path) -> None:
    """A bare repository can be committed as ordinary files, with a configuration that git would believe."""
    make_repository(healthy(folder))
    bare = folder / "inner"
    git(folder, "init", "-q", "--bare", str(bare))
    git(bare, "config", "core.fsmonitor", str(folder.parent / "evil"))
    git(bare, "config", "core.bare", "false")
    git(bare, "config", "core.worktree", worktree)
    healthy(bare)
    for where in (folder, bare):
        for outcome in judge(where, ("check",), ("fix", "--diff"), root=folder):
            assert outcome.code in (0, 2)
    judge(folder, ("check", "inner"))
    assert not marker.exists(), marker.read_text()


def test_objects_that_are_replaced(folder: Path) -> None:
    """What a commit holds is told by its id, whatever the repository says stands for it."""
    make_repository(healthy(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    true = git(folder, "rev-parse", "HEAD:decisions.md").strip()
    write(folder, {"decisions.md": "# Decisions\n"})
    false = git(folder, "hash-object", "-w", "decisions.md").strip()
    git(folder, "replace", true, false)
    assert judge(folder, ("check", *JSON))[0].codes >= {"L202"}
    write(folder, {".git/info/grafts": git(folder, "rev-parse", "HEAD")})
    assert judge(folder, ("check", *JSON))[0].codes >= {"L202"}


def test_objects_from_elsewhere(folder: Path, tmp_path: Path) -> None:
    """Objects in another repository are git's own business: they are found, or the run is not verified."""
    other = make_repository(tmp_path / "other", {"x": "y"})
    make_repository(healthy(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    for alternate in (other / ".git" / "objects", tmp_path / "nowhere", Path("/dev/zero"), Path("/proc/self/environ")):
        write(folder, {".git/objects/info/alternates": f"{alternate}\n"})
        assert judge(folder, ("check", *JSON))[0].code == 0


@pytest.mark.parametrize("name", ["--upload-pack=touch harmed", "-x", "HEAD;touch harmed", "a..b", "@{-1}", ":/x", ""])
def test_revisions_like_options(name: str, folder: Path) -> None:
    make_repository(healthy(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    for outcome in judge(folder, ("check", f"--base={name}"), ("check", f"--from-ref={name}", "--to-ref=HEAD")):
        assert outcome.code in (0, 2)
    assert not (folder / "harmed").exists()


def test_branches_like_options(folder: Path) -> None:
    make_repository(healthy(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    commit = git(folder, "rev-parse", "HEAD").strip()
    for name in ("--all", "-x", "HEAD", "refs/heads/main", "\x1b"[:0] + "::error::x", "a'b$(touch harmed)"):
        (folder / ".git" / "refs" / "heads" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / ".git" / "refs" / "heads" / name).write_text(f"{commit}\n")
        write(folder, {".git/HEAD": f"ref: refs/heads/{name}\n"})
        for outcome in judge(folder, ("check",), ("check", f"--base={name}"), ("check", "--staged")):
            assert outcome.code in (0, 2)
    assert not (folder / "harmed").exists()


@pytest.mark.parametrize(
    "files",
    [
        {".git/HEAD": "ref: refs/heads/\x1b[31m::error::x\n"},
        {".git/HEAD": "ref: ../../../../etc/passwd\n"},
        {".git/MERGE_HEAD": "::error::x\n--help\n"},
        {".git/MERGE_HEAD": b"\xff\xfe"},
        {".git/MERGE_HEAD": {"folder": True}},
        {".git/index": b"DIRC\0\0\0\2\xff\xff\xff\xff"},
        {".git/config": "[core]\n\tworktree = /etc\n"},
        {".git/config": "[include]\n\tpath = /dev/zero\n"},
        {".git/config": "\x1b]0;owned\x07[\n"},
        {".git/packed-refs": "\0" * 100_000},
    ],
    ids=lambda files: next(iter(files)),
)
def test_a_hostile_git_folder(files: dict[str, Any], folder: Path) -> None:
    make_repository(healthy(folder))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    write(folder, files)
    for outcome in judge(folder, ("check",), ("check", "--staged"), ("fix",)):
        assert outcome.code in (0, 2)


def test_a_hostile_git_file(folder: Path) -> None:
    healthy(folder)
    for text in (
        "gitdir: /etc\n",
        "gitdir: ../../../..\n",
        "gitdir: /dev/zero\n",
        "\x1b[31m::error::x\n",
        "x" * MEGABYTE,
    ):
        write(folder, {".git": text})
        for outcome in judge(folder, ("check",), ("fix",)):
            assert outcome.code == 2


# Writing: nothing outside of the repository, whatever the links in it say.

BROKEN = ROOT / "examples" / "broken"


@pytest.mark.skipif(sys.platform == "win32", reason="links")
@pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
@pytest.mark.parametrize(
    "link",
    [
        ".statecheck",
        ".statecheck/quarantine",
        "refinement",
        "workflow/.claude",
        "workflow/MEMORY.md",
        "refinement/dist",
    ],
)
def test_links_that_lead_out_are_not_written_through(link: str, versioned: bool, folder: Path) -> None:
    shutil.copytree(BROKEN, folder, dirs_exist_ok=True)
    outside = folder.parent / "outside"
    if (folder / link).exists():
        (folder / link).rename(outside)
    else:
        outside.mkdir()
    write(folder, {link: {"link": os.path.relpath(outside, (folder / link).parent)}})
    if versioned:
        make_repository(folder)
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "first")
    before = snapshot(folder.parent / "outside") if outside.is_dir() else outside.read_bytes()
    judge(folder)
    judge(folder, ("fix", *JSON), ("check", "--record") if not versioned else ("check",))
    assert (snapshot(outside) if outside.is_dir() else outside.read_bytes()) == before


@pytest.mark.parametrize("place", ["/etc/passwd", "/dev/zero", "~/secret", "pipe", "huge"])
def test_a_memory_that_a_change_configures_is_not_read(place: str, folder: Path) -> None:
    """What lies outside is read where the base says so, never because a change does."""
    make_repository(healthy(folder, "workflow"))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    base = git(folder, "rev-parse", "HEAD").strip()
    write(folder.parent / "home", {"secret": "- Completed secret for secret: secret\n"})
    with (folder.parent / "huge").open("wb") as file:
        file.truncate(100 * 2**30)
    if place == "pipe":
        os.mkfifo(folder.parent / "pipe")
    path = str(folder.parent / place) if place in ("pipe", "huge") else place
    write(folder, {"statecheck.toml": f"[memory]\npath = {json.dumps(path)}\n"})
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "second")
    for outcome in judge(folder, ("check", "--base", base), ("check", "--from-ref", base, "--to-ref", "HEAD")):
        assert "secret for secret" not in outcome.out
    if place not in ("/etc/passwd", "~/secret"):
        (plain,) = watch(folder, ("check",))
        assert plain.code == 0
        assert "cannot be read" in plain.out
