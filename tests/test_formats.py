"""Output formats for programs: each holds every finding, is valid, and is nothing but what it says it is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
from harness import NOW, ROOT, Commands, git, make_repository, read_terminal, write
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from statecheck.cli.formats import FORMATS
from statecheck.cli.pages import rule_pages
from statecheck.engine import unavailable
from statecheck.findings import Finding, FixNote, Related, Report, Severity, Unverified
from statecheck.reporters.escape import escape, escape_acting
from statecheck.reporters.markdown import LIMIT, _code
from statecheck.reporters.presentation import Presentation
from statecheck.reporters.sarif import MAX_RESULTS

DATA = ROOT / "tests" / "data"
SARIF = jsonschema.Draft4Validator(json.loads((DATA / "sarif-2.1.0.schema.json").read_text(encoding="utf-8")))
JUNIT = xmlschema.XMLSchema(DATA / "junit-10.xsd")
GITLAB = jsonschema.Draft202012Validator(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "additionalProperties": False,
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^(?!\\./)(?!/).+"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer"}, "end": {"type": "integer"}},
                        },
                    },
                },
            },
        },
    }
)
"""What GitLab's documentation says of each field; it publishes no schema."""

PROGRAMS = [name for name in FORMATS if name not in ("text", "concise")]


def finding(code: str, severity: Severity, number: int = 1, **changed: Any) -> Finding:
    given: dict[str, Any] = {
        "code": code,
        "name": f"name-of-{code.lower()}",
        "severity": severity,
        "workspace": "art",
        "path": f"art/file{number}.json",
        "line": number,
        "column": 3,
        "end_line": number,
        "end_column": 9,
        "message": f"message {number} of {code}",
        "hint": f"hint {number}",
        "related": (),
        "fix": None,
        "fingerprint": f"{code.lower()}{number:08x}",
    }
    return Finding(**given | changed)


def report(*findings: Finding, unverified: tuple[Unverified, ...] = (), folders: tuple[str, ...] = ("art",)) -> Report:
    codes = ("S101", "S103", "L201", "D301", "D306", "W901")
    words = "compared worktree with HEAD"
    count = len(folders)
    found = Report(str(ROOT), findings, unverified, count, 4, 1, 6, "HEAD", "worktree", "HEAD", words)
    return found._replace(folders=folders, codes=codes)


CLEAN = report()
MIXED = report(
    finding("S103", "error", 1, related=(Related("art/other.json", 7, "as it says here"),)),
    finding("D306", "error", 2, fix=FixNote("safe", "take the real name"), end_line=4),
    finding("D301", "warning", 3, fix=FixNote("unsafe", "bring it back"), workspace="zoo", path="zoo/file3.json"),
    finding("L201", "info", 4, revision="0123456789abcdef"),
    unverified=(Unverified("W901", "art/locked.md", "permission denied"), Unverified("W906", ".", "no such revision")),
    folders=("art", "pure", "zoo"),
)
NASTY = (
    "one\ntwo\r\n::error::owned\t%0A::warning::x ]]> | `` ` <script>alert(1)</script> <!-- \x1b[31m\x07 \u202e\u200b "
    "@someone #1 http://a.example www.b.example ![i](http://c.example/x.png) [l](javascript:x) **b** ##[error]v1 "
    "##vso[task.complete] \udcff \ufffe \\| \\` &lt; \x00"
)
HOSTILE = report(
    *(
        finding(
            "S103",
            severity,
            number,
            message=f"{number} {NASTY}",
            hint=NASTY,
            path=f"art/{NASTY}",
            workspace=f"art/{NASTY}" if number == 2 else "art",
            related=(Related(NASTY, 1, NASTY),),
            fix=FixNote("safe", NASTY),
        )
        for number, severity in enumerate(("error", "warning", "info"), 1)
    ),
    unverified=(Unverified("W901", f"art/{NASTY}", NASTY),),
    folders=("art", f"art/{NASTY}"),
)
REPORTS = {"clean": CLEAN, "mixed": MIXED, "hostile": HOSTILE, "unavailable": unavailable("no such ref", ".", 0)}


def shown(name: str, what: Report, **options: Any) -> str:
    """Return what a format makes of a report."""
    how = Presentation(what.verdict(strict=options.get("strict", False)), **options)
    return "".join(f"{line}\n" for line in FORMATS[name].lines(what, how))


def command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Return what GitHub's runner takes from a line of a log: a command, its properties, its message."""
    line = line.lstrip()
    if not line.startswith("::") or (end := line.find("::", 2)) < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    properties = dict(pair.split("=", 1) for pair in rest.strip().split(",") if pair)
    decoded = {key: _decoded(value, "\r\n:,%") for key, value in properties.items()}
    return name, decoded, _decoded(line[end + 2 :], "\r\n%")


def _decoded(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def examples(folder: Path) -> Path:
    shutil.copytree(ROOT / "examples" / "broken", folder / "broken")
    return make_repository(folder, {"README.md": "x"})


# --- every format


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("which", REPORTS)
def test_nothing_that_a_file_says_acts(name: str, which: str) -> None:
    text = shown(name, REPORTS[which], verbose=True)
    text.encode()  # no lone surrogate
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e]", text)
    for line in text.splitlines():
        assert name == "github" or not line.lstrip().startswith("::")
        assert line.startswith("::") or not re.search(r"##(vso)?\[", line)


@pytest.mark.parametrize("name", FORMATS)
def test_a_path_that_looks_like_a_command_is_none(name: str) -> None:
    odd = report(finding("S103", "error", path=" ::error::x/a.json", workspace=" ::error::x"))
    odd = odd._replace(unverified=(Unverified("W901", "::warning::y", "no"),), root=os.getcwd())
    commands = [each for line in shown(name, odd).splitlines() if (each := command(line))]
    assert [each[1]["title"] for each in commands] == (
        ["S103 name-of-s103", "unverified W901"] if name == "github" else []
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_finding_is_there(name: str) -> None:
    text = shown(name, MIXED, verbose=True)
    told = [each for each in MIXED.findings if name != "claude" or each.severity == "error"]
    assert all(each.message in text for each in told)
    assert "permission denied" in text
    assert "no such revision" in text


@pytest.mark.parametrize("name", FORMATS)
def test_two_runs_say_the_same(name: str, folder: Path, commands: Commands) -> None:
    examples(folder)
    first, second = (commands.check("--output-format", name) for _ in range(2))
    assert first == second
    assert first.code == (2 if name == "claude" else 1)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "claude"])
def test_output_file(name: str, folder: Path, commands: Commands) -> None:
    examples(folder)
    printed = commands.check("--output-format", name)
    written = commands.check("--output-format", name, "--output-file", "report.txt")
    assert (written.code, written.out, written.err) == (printed.code, "", "")
    assert (folder / "report.txt").read_text(encoding="utf-8") == printed.out + printed.err


def test_an_agent_is_told_on_standard_error_alone(folder: Path, commands: Commands) -> None:
    examples(folder)
    for command, option in ((commands.check, ["--output-file", "f"]), (commands.fix, ["--diff"])):
        outcome = command("--output-format", "claude", *option)
        assert (outcome.code, outcome.out) == (2, "")
        assert f"error: {option[0]} and --output-format claude do not go together" in outcome.err


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_repair_is_reported_in_every_format(name: str, folder: Path, commands: Commands) -> None:
    examples(folder)
    outcome = commands.fix("--output-format", name)
    assert outcome.code == (2 if name == "claude" else 1)
    left = outcome.err if name == "claude" else outcome.out
    assert "phase R1 is done, and its output sources/list.md does not exist" in left
    assert ("repaired 8 findings" in left) is (name in ("github", "claude"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_cannot_be_compared_is_in_every_format(name: str, folder: Path, commands: Commands) -> None:
    examples(folder)
    outcome = commands.check("--output-format", name, "--base", "nowhere")
    assert outcome.code == 2
    assert "no commit nowhere" in outcome.err
    assert ("no commit nowhere" in outcome.out) is (name != "claude")


def test_an_output_file_that_cannot_be_written_is_no_traceback(folder: Path, commands: Commands) -> None:
    examples(folder)
    outcome = commands.check("--output-format", "json", "--base", "nowhere", "--output-file", "no/such/file")
    assert (outcome.code, outcome.out) == (2, "")
    assert "no commit nowhere" in outcome.err
    assert "no/such/file: no such file or directory" in outcome.err


ANY = st.text(st.characters(exclude_categories=()), max_size=12)


@settings(deadline=None, max_examples=30)  # each is held against the whole schema of SARIF, which takes its time
@given(message=ANY, path=ANY.filter(bool), hint=ANY, line=st.integers(1, 9), end=st.integers(1, 9))
def test_whatever_a_file_says_every_format_is_valid(message: str, path: str, hint: str, line: int, end: int) -> None:
    odd = finding(
        "S103",
        "error",
        path=path,
        workspace=path,
        message=message,
        hint=hint,
        line=line,
        end_line=end,
        related=(Related(path, line, message),),
        fix=FixNote("unsafe", hint),
        source=(message,),
        diff=("-" + hint,) if hint else (),
    )
    what = report(odd, unverified=(Unverified("W901", path, message),), folders=(path,))
    SARIF.validate(json.loads(shown("sarif", what)))
    JUNIT.validate(shown("junit", what))
    assert all(each["description"] for each in json.loads(shown("gitlab", what)))
    assert [each and each[0] for each in map(command, shown("github", what).splitlines())] == ["error", "error", None]
    for name in FORMATS:
        shown(name, what, verbose=True).encode()


# --- SARIF


@pytest.mark.parametrize("which", REPORTS)
def test_sarif_is_valid(which: str) -> None:
    log = json.loads(shown("sarif", REPORTS[which]))
    SARIF.validate(log)
    run = log["runs"][0]
    assert run["invocations"][0]["executionSuccessful"] is not bool(REPORTS[which].unverified)
    rules = run["tool"]["driver"]["rules"]
    assert [each["id"] for each in rules] == [page.code for page in rule_pages()]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)


def test_sarif_fields() -> None:
    run = json.loads(shown("sarif", MIXED))["runs"][0]
    first, second, *_, last = run["results"]
    assert (first["ruleId"], first["level"], first["partialFingerprints"]) == (
        "S103",
        "error",
        {"statecheck/v1": "s10300000001"},
    )
    assert first["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    region = second["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 3, "endLine": 4, "endColumn": 9}
    assert (last["level"], last["properties"]["revision"]) == ("note", "0123456789abcdef")
    assert run["columnKind"] == "unicodeCodePoints"
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [each["associatedRule"]["id"] for each in notes] == ["W901", "W906"]
    assert [each.get("locations") is None for each in notes] == [False, True]


def test_sarif_keeps_the_bytes_of_a_name_that_is_no_text() -> None:
    odd = report(finding("S103", "error", path="art/a b\udcff:é.json"))
    result = json.loads(shown("sarif", odd))["runs"][0]["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == b"art/a b\xff:\xc3\xa9.json"


def test_sarif_names_a_file_whose_name_has_half_of_a_pair() -> None:
    odd = report(finding("S103", "error", path="art/\ud800.json"))
    result = json.loads(shown("sarif", odd))["runs"][0]["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri).decode("utf-8", "surrogatepass") == "art/\ud800.json"


def test_sarif_rules_are_explained() -> None:
    rules = json.loads(shown("sarif", CLEAN))["runs"][0]["tool"]["driver"]["rules"]
    for rule, page in zip(rules, rule_pages(), strict=True):
        assert rule["shortDescription"]["text"] == page.summary
        assert all(text in rule["help"]["markdown"] for _, text in page.sections)
        assert len(rule["properties"]["tags"]) <= 10
        assert max(len(rule[key]["text"]) for key in ("shortDescription", "fullDescription")) <= 1024


def test_sarif_is_not_longer_than_code_scanning_accepts() -> None:
    notes = [finding("L201", "info", number) for number in range(1, MAX_RESULTS + 1)]
    run = json.loads(shown("sarif", report(*notes, finding("S103", "error"))))["runs"][0]
    assert len(run["results"]) == MAX_RESULTS
    assert run["results"][0]["ruleId"] == "S103", "what is most urgent is kept"
    assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("1 results are left")


def test_sarif_fixes_do_what_fix_state_does(folder: Path, commands: Commands) -> None:
    examples(folder)
    files = {"broken/crlf/artifact_manifest.json": _crlf_manifest(), "broken/crlf/constraints.json": "[]"}
    write(folder, {**files, "broken/crlf/dist/naïve 𝒳.svg": "<svg/>"})
    git(folder, "add", "-A")
    results = json.loads(commands.check("--output-format", "sarif").out)["runs"][0]["results"]
    fixes = {each["partialFingerprints"]["statecheck/v1"]: each for each in results if "fixes" in each}
    assert len(fixes) >= 6
    for fingerprint, result in fixes.items():
        (change,) = result["fixes"][0]["artifactChanges"]
        path = folder / os.fsdecode(unquote_to_bytes(change["artifactLocation"]["uri"]))
        before = path.read_bytes()
        path.write_bytes(_replaced(before.decode(), change["replacements"]).encode())
        left = commands.check_json().json["findings"]
        assert fingerprint not in {each["fingerprint"] for each in left}, result["ruleId"]
        assert len(left) < len(results)
        path.write_bytes(before)


def _crlf_manifest() -> bytes:
    text = (
        '{\n  "artifact_type": "é𝒳",\n  "variants": [{"name": "𝒳", "path": "dist/NAÏVE 𝒳.svg"}],\n'
        '  "generation_timestamp": "2026-01-16 10:00:00Z"\n}\n'
    )
    return text.replace("\n", "\r\n").encode()


def _replaced(text: str, replacements: list[dict[str, Any]]) -> str:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    for each in sorted(replacements, key=lambda each: each["deletedRegion"]["startLine"], reverse=True):
        region = each["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + each["insertedContent"]["text"] + text[end:]
    return text


# --- GitHub


def test_github_commands() -> None:
    lines = shown("github", MIXED, verbose=True).splitlines()
    assert lines[0] == (
        "::error file=art/file1.json,line=1,endLine=1,col=3,endColumn=9,title=S103 name-of-s103::message 1 of S103"
        "%0Aart/other.json:7: as it says here%0Ahelp: hint 1"
    )
    assert lines[1] == (
        "::error file=art/file2.json,line=2,endLine=4,title=D306 name-of-d306::message 2 of D306%0Ahelp: hint 2"
        "%0Afix: fix-state can take the real name"
    ), "columns may only be given within one line"
    assert lines[2:4] == [
        "::error file=art/locked.md,title=unverified W901::permission denied",
        "::error title=unverified W906::no such revision",
    ]
    assert [line.partition(" ")[0] for line in lines[4:6]] == ["::warning", "::notice"]
    assert lines[6].startswith("checked 3 workspaces, 4 files; ")
    assert "::notice" not in shown("github", MIXED)


def test_github_takes_back_what_was_written() -> None:
    lines = shown("github", HOSTILE, verbose=True).splitlines()
    parsed = [each for line in lines if (each := command(line))]
    assert [name for name, _, _ in parsed] == ["error", "error", "warning", "notice"]
    for (_, properties, message), number in zip([parsed[0], *parsed[2:]], (1, 2, 3), strict=True):
        assert properties["file"] == f"art/{escape(NASTY)}"
        assert set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
        assert message.splitlines()[0] == f"{number} {escape(NASTY)}"
    assert command(lines[-1]) is None


def test_github_says_what_it_will_not_show() -> None:
    many = report(*(finding("S103", "error", number) for number in range(1, 13)), finding("D301", "warning"))
    lines = shown("github", many).splitlines()
    assert len([line for line in lines if line.startswith("::")]) == 13
    assert lines[-2] == "GitHub shows 10 annotations of a level: 2 further ones only in this log"


def test_github_paths_start_where_the_checkout_does(
    folder: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples(folder / "sub")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    commands.folder = folder / "sub" / "broken"
    first = command(commands.check("--output-format", "github").out.splitlines()[0])
    assert first is not None
    assert (folder / first[1]["file"]).is_file()


# --- GitLab


@pytest.mark.parametrize("which", REPORTS)
def test_gitlab_is_as_documented(which: str) -> None:
    entries = json.loads(shown("gitlab", REPORTS[which]))
    GITLAB.validate(entries)
    assert len({each["fingerprint"] for each in entries}) == len(entries)


def test_gitlab_fields() -> None:
    entries = json.loads(shown("gitlab", MIXED))
    assert [each["severity"] for each in entries] == ["major", "major", "minor", "info", "major", "major"]
    assert entries[1]["description"] == "message 2 of D306; hint 2; fix-state can take the real name"
    assert entries[1]["location"] == {"path": "art/file2.json", "lines": {"begin": 2, "end": 4}}
    moved = MIXED._replace(findings=tuple(each._replace(line=9, end_line=9) for each in MIXED.findings))
    again = json.loads(shown("gitlab", moved))
    assert [each["fingerprint"] for each in again] == [each["fingerprint"] for each in entries]


# --- JUnit


@pytest.mark.parametrize("which", REPORTS)
def test_junit_is_valid(which: str) -> None:
    text = shown("junit", REPORTS[which])
    JUNIT.validate(text)
    top = ET.fromstring(text)
    names = [(case.get("classname"), case.get("name")) for case in top.iter("testcase")]
    assert len(set(names)) == len(names) > 0
    assert int(top.get("tests", "")) == len(names)
    assert int(top.get("failures", "")) == len(top.findall(".//failure"))
    assert int(top.get("errors", "")) == len(top.findall(".//error"))


def junit_cases(text: str) -> dict[tuple[str | None, str | None], list[str]]:
    """Return what each case of a report that did not pass says: the names of its elements."""
    cases = ET.fromstring(text).iter("testcase")
    said = {(case.get("classname"), case.get("name")): [each.tag for each in case] for case in cases}
    return {case: tags for case, tags in said.items() if tags}


def test_junit_cases() -> None:
    text = shown("junit", MIXED)
    assert junit_cases(text) == {
        ("statecheck", "workspaces"): ["system-out"],
        (".", "W: The workspace itself"): ["error"],
        ("art", "S: Schema validity"): ["failure"],
        ("art", "D: Manifest-to-dist consistency"): ["failure"],
        ("art", "L: Append-only logs"): ["system-out"],
        ("art", "W: The workspace itself"): ["error"],
        ("zoo", "D: Manifest-to-dist consistency"): ["system-out"],
    }
    assert ("zoo", "D: Manifest-to-dist consistency") in [
        case for case, tags in junit_cases(shown("junit", MIXED, strict=True)).items() if tags == ["failure"]
    ]
    suites = [each.get("name") for each in ET.fromstring(text)]
    assert suites == ["statecheck", "art", "pure", "zoo", "."], "a healthy workspace is shown as passed"


def test_junit_names_the_same_cases_before_and_after_a_repair(folder: Path, commands: Commands) -> None:
    examples(folder)
    names = []
    for _ in range(2):
        top = ET.fromstring(commands.check("--output-format", "junit").out)
        names.append([(case.get("classname"), case.get("name")) for case in top.iter("testcase")])
        commands.fix()
    assert names[0] == names[1]


def test_junit_of_nothing(folder: Path, commands: Commands) -> None:
    cases = junit_cases(commands.check("--output-format", "junit").out)
    assert cases == {("statecheck", "workspaces"): ["skipped", "system-out"]}
    failed = junit_cases(commands.check("--output-format", "junit", "--fail-if-empty").out)
    assert failed == {("statecheck", "workspaces"): ["failure", "system-out"]}


# --- Markdown

GFM = MarkdownIt("commonmark").enable("table")
ALLOWED_HTML = {"<br>", "</details>"}


def markdown_tokens(text: str) -> list[Any]:
    """Return every token of a page, those within lines too."""
    return [each for token in GFM.parse(text) for each in [token, *(token.children or [])]]


@pytest.mark.parametrize("which", REPORTS)
def test_markdown_has_no_links_and_no_html_of_others(which: str) -> None:
    tokens = markdown_tokens(shown("markdown", REPORTS[which]))
    assert not {"link_open", "image"} & {token.type for token in tokens}
    html = {token.content.strip() for token in tokens if token.type.startswith("html")}
    assert all(each in ALLOWED_HTML or re.fullmatch(r"<details><summary>\d+ [a-z ]+</summary>", each) for each in html)
    plain = " ".join(token.content for token in tokens if token.type == "text")
    assert not re.search(r"[@#]\w|://|www\.", plain), "a mention, a reference, or a link by itself"
    rows = "".join("|" if token.type == "tr_open" else "c" for token in tokens if token.type in ("tr_open", "td_open"))
    assert all(row in ("", "ccccc") for row in rows.split("|"))


def test_markdown_page() -> None:
    lines = shown("markdown", MIXED).splitlines()
    assert lines[0] == "### statecheck: failed"
    assert "#### `art`: 2 errors, 1 note" in lines
    assert (
        "| error | D306 name-of-d306 | `file2.json:2` | `message 2 of D306`<br>`hint 2` | "
        "`fix-state can take the real name` |"
    ) in lines
    assert "| unverified | W901 | `art/locked.md` | `permission denied` | |" in lines
    assert "<details><summary>1 note</summary>" in lines
    assert shown("markdown", CLEAN).splitlines()[0] == "### statecheck: passed"


def test_markdown_folds_what_is_much_and_ends_in_time() -> None:
    some = shown("markdown", report(*(finding("S103", "error", number) for number in range(1, 31))))
    assert "<details><summary>20 more findings</summary>" in some
    assert "did not fit" not in some
    findings = [
        finding("S103", "error", number, workspace=f"w{number % 900}", message="|" * 50) for number in range(1, 3000)
    ]
    many = shown("markdown", report(*findings))
    assert 0.9 * LIMIT < len(many) <= LIMIT
    left_out = int(re.findall(r"\n(\d+) rows did not fit here; `check-state` shows all of them\.", many)[0])
    assert many.count("| error |") + left_out == 2999
    assert many.count("<details>") == many.count("</details>")


@given(st.text(alphabet=st.one_of(st.sampled_from("`|\\<>&![]()*_@ \n\t"), st.characters()), max_size=40))
def test_markdown_code_says_what_was_meant(text: str) -> None:
    """In a cell of a table, a code span shows exactly the text, and nothing of it acts."""
    tokens = markdown_tokens(f"| a | b |\n|---|---|\n| {_code(text)} | end |\n")
    cells = [token.content for token in tokens if token.type == "inline"][2:]
    assert len(cells) == 2
    inner = [token for token in GFM.parseInline(cells[0])[0].children or [] if token.content]
    assert {token.type for token in inner} <= {"code_inline", "text", "text_special"}
    assert {token.content for token in inner if token.type != "code_inline"} <= {"|", " ", "", "\t"} | {
        "|" * n for n in range(40)
    }
    said = "".join(token.content for token in inner)
    assert "".join(said.split()) == "".join(escape(text).split())


# --- agents


def hook(folder: Path, given: object, *arguments: str, verb: str = "check") -> subprocess.CompletedProcess[str]:
    """Run as an agent's hook does: in another process, with JSON on standard input."""
    command = [sys.executable, "-m", "statecheck", verb, "--output-format", "claude", "--now", NOW, *arguments]
    text = given if isinstance(given, str) else json.dumps(given)
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=False, timeout=60)


EDITED = {
    "session_id": "s",
    "hook_event_name": "PostToolUse",
    "tool_name": "Write",
    "tool_input": {"file_path": "plan.md", "content": "x"},
}
STOPS = {"session_id": "s", "hook_event_name": "Stop", "stop_hook_active": False}


@pytest.mark.parametrize("given", [EDITED, STOPS, "", "not JSON", "[1]"], ids=["edit", "stop", "empty", "text", "list"])
def test_an_agent_is_told_what_to_mend(given: object, folder: Path) -> None:
    examples(folder)
    done = hook(folder, given)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("statecheck: the state files do not hold; checked 3 workspaces")
    assert "- broken/refinement/constraints.json:8 S103 " in done.stderr
    assert "  -> run fix-state: it can write true" in lines
    assert lines[-1].startswith("fix-state repairs 5 of 10 findings without losing anything; 5 findings must be")
    assert len(lines) < 30


@pytest.mark.parametrize("given", [EDITED, STOPS, {**STOPS, "stop_hook_active": True}], ids=["edit", "stop", "again"])
def test_an_agent_is_told_nothing_when_all_is_well(given: object, folder: Path) -> None:
    shutil.copytree(ROOT / "examples" / "healthy", folder / "healthy")
    make_repository(folder, {"README.md": "x"})
    git(folder, "add", "-A")
    for verb in ("check", "fix"):
        done = hook(folder, given, verb=verb)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "arguments",
    [[], ["--base", "nowhere"], ["--select", "X999"], ["a\n##[error]b"]],
    ids=["fail", "base", "usage", "path"],
)
def test_an_agent_that_was_stopped_once_is_let_go(arguments: list[str], folder: Path) -> None:
    """Or it would never come to an end. The person is told."""
    examples(folder)
    assert hook(folder, STOPS, *arguments).returncode == 2
    done = hook(folder, {**STOPS, "stop_hook_active": True}, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    message = json.loads(done.stdout)["systemMessage"]
    assert message.splitlines()[0] in hook(folder, STOPS, *arguments).stderr


def test_an_agent_is_told_what_could_not_be_verified(folder: Path) -> None:
    write(folder, {"art/constraints.json": '{"constraints": []}', "art/decisions.md": {"folder": True}})
    write(folder, {"art/refinement_log.md": "# Log\n"})
    done = hook(folder, EDITED)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("statecheck: the state files could not be verified; ")
    assert "- art/decisions.md could not be verified (" in done.stderr


def test_an_agent_is_told_what_a_repair_wrote(folder: Path) -> None:
    examples(folder)
    done = hook(folder, EDITED, "--exit-non-zero-on-fix", "--select", "D306", verb="fix")
    assert (done.returncode, done.stdout) == (2, "")
    assert "fixed D306 case-mismatch: take the real name dist/badge-dark.svg" in done.stderr
    again = hook(folder, EDITED, "--exit-non-zero-on-fix", "--select", "D306", verb="fix")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_an_agent_is_not_buried() -> None:
    many = report(*(finding("S103", "error", number, message="x" * 5000) for number in range(1, 500)))
    text = shown("claude", many)
    assert "- and 489 more; " in text
    assert len(text) < 6000


def test_nobody_waits_for_standard_input_that_says_nothing(folder: Path) -> None:
    """A pipe that is never closed, as some runners leave it."""
    examples(folder)
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "statecheck", "check", "--output-format", "claude"]
    try:
        done = subprocess.run(command, cwd=folder, stdin=reading, capture_output=True, check=False, timeout=60)
    finally:
        os.close(reading)
        os.close(writing)
    assert done.returncode == 2


# --- text for people


def test_text_is_grouped_where_several_workspaces_have_findings(folder: Path, commands: Commands) -> None:
    examples(folder)
    lines = commands.check().out.splitlines()
    headings = [line for line in lines if line.startswith("=== ")]
    assert headings == [
        "=== broken/iterative-work/.iterative-work/tram-noise: 2 errors, 3 warnings",
        "=== broken/refinement: 4 errors, 1 warning",
        "=== broken/workflow: 4 errors, 1 warning",
    ]
    assert not any(line.startswith("=== ") for line in commands.check("broken/refinement").out.splitlines())


PROGRESS = """
import sys
from statecheck.cli import check_state, progress
progress.DELAY = progress.INTERVAL = 0.0
sys.exit(check_state(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("arguments", "seen"), [([], True), (["-q"], False)])
def test_progress_on_a_terminal(arguments: list[str], seen: bool, folder: Path) -> None:
    """As if every run were a long one: the line is written over, and gone at the end."""
    import pty

    examples(folder)
    outer, inner = pty.openpty()
    command = [sys.executable, "-c", PROGRESS, *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=inner, check=False)
    os.close(inner)
    printed = read_terminal(outer)
    assert (b"\r\x1b[Kchecked 1 of 3 workspaces" in printed) is seen
    assert printed.endswith(b"\r\x1b[K") is seen
    assert b"checked 1 of" not in done.stdout


def test_progress_is_for_terminals_only(folder: Path) -> None:
    examples(folder)
    done = subprocess.run([sys.executable, "-c", PROGRESS], cwd=folder, capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.parametrize(
    "harmful", [*map(chr, range(9)), *map(chr, range(10, 32)), "\x7f", "\x9b", "\u200b", "\u202e", "\udc1b"]
)
def test_what_acts_is_written_out_wherever_it_stands(harmful: str) -> None:
    for text in (harmful, f"plain {harmful} plain", f"é{harmful}"):
        assert harmful not in escape(text)
        assert (harmful in escape_acting(text)) == (harmful in "\u200b\udc1b"), "these two act on nothing"


@pytest.mark.parametrize("command", ["::error::x", "  ::set-output", "##[error]x", "a ##vso[task]", "##TeamCity[x]"])
def test_no_line_is_a_command_to_a_ci_system(command: str) -> None:
    for line in (command, f"{command} é"):
        assert escape(line) != line
        assert not re.search(r"^\s*::|##(?:\[|vso\[|teamcity\[)", escape(line), re.IGNORECASE)
    assert escape("std::vector, # a heading, 10:30") == "std::vector, # a heading, 10:30"
