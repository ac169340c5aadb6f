"""The action for GitHub and the template for GitLab: their own scripts, in clones as CI systems make them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from harness import ROOT, git, make_repository, write
from ruamel.yaml import YAML

ACTION = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = ROOT / "templates" / "statecheck.gitlab-ci.yml"
STEPS = {each.get("name", each.get("id")): each for each in ACTION["runs"]["steps"]}
LOG = "art/refinement_log.md"
ENTRY = "\n## Iteration %d — 2026-01-%02dT10:00:00Z\n\n%s\n"
NONE = "0" * 40
HOSTILE = "$(touch${IFS}pwned)`touch${IFS}pwned`;touch${IFS}pwned"


def log(*texts: str) -> str:
    """Return a refinement log with an entry for each text."""
    entries = (ENTRY % (number, number, text) for number, text in enumerate(texts, 1))
    return "# Refinement Log\n" + "".join(entries)


class Done(NamedTuple):
    """What a job did."""

    code: int
    out: str
    summary: str
    outputs: dict[str, str]
    sarif: Any


class Job:
    """A clone of a repository, and the check step of the action in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.origin = make_repository(folder / "origin", {"art/constraints.json": '{"constraints": []}\n'})
        self.checkout = folder / "checkout"
        self.temporary = folder / "runner"
        binaries = self.temporary / "statecheck" / "bin"
        binaries.mkdir(parents=True)
        (binaries / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (binaries / "python").chmod(0o755)
        for name in [each for each in os.environ if each.startswith(("GITHUB_", "CI_", "STATECHECK_"))]:
            monkeypatch.delenv(name)

    def commit(self, **files: str | None) -> str:
        """Commit files on the origin's branch, the log by the keyword `log`, and return the commit."""
        write(self.origin, {LOG if name == "log" else name: text for name, text in files.items()})
        git(self.origin, "add", "-A")
        git(self.origin, "commit", "-q", "--allow-empty", "-m", "x")
        return self.tip()

    def tip(self, name: str = "HEAD") -> str:
        """Return the commit of a name in the origin."""
        return git(self.origin, "rev-parse", name).strip()

    def request(self, *, depth: int = 0, branch: str = "topic") -> dict[str, Any]:
        """Check the merge of the origin's branch with main out, as actions/checkout does, and return the event."""
        git(self.origin, "checkout", "-q", "--detach", "main")
        git(self.origin, "merge", "-q", "--no-ff", "-m", "merge", branch)
        git(self.origin, "update-ref", "refs/pull/1/merge", "HEAD")
        self.check_out("refs/pull/1/merge", depth)
        names = {"base": "main", "head": branch}
        return {"pull_request": {side: {"sha": self.tip(name), "ref": name} for side, name in names.items()}}

    def check_out(self, ref: str, depth: int = 0) -> None:
        """Clone one ref, to a depth or all, as actions/checkout does."""
        self.checkout.mkdir()
        git(self.checkout, "init", "-q")
        git(self.checkout, "remote", "add", "origin", self.origin.as_uri())
        options = [f"--depth={depth}", ref] if depth else ["+refs/heads/*:refs/remotes/origin/*", ref]
        git(self.checkout, "fetch", "-q", "--no-tags", "origin", *options)
        target = git(self.checkout, "ls-remote", "origin", ref).split()[0]
        git(self.checkout, "checkout", "-q", "--detach", target)

    def cut_off(self) -> None:
        """Make the origin unreachable."""
        git(self.checkout, "remote", "set-url", "origin", (self.folder / "gone").as_uri())

    def run(self, event: Any, arguments: str = "--select L201,L202,S101", **given: str) -> Done:
        """Run the check step of the action, as its text stands in action.yml."""
        files = {name: self.folder / name for name in ("event.json", "summary.md", "output.txt")}
        files["event.json"].write_text(json.dumps(event))
        environment = {
            **os.environ,
            "GITHUB_EVENT_PATH": str(files["event.json"]),
            "GITHUB_STEP_SUMMARY": str(files["summary.md"]),
            "GITHUB_OUTPUT": str(files["output.txt"]),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.checkout),
            "RUNNER_TEMP": str(self.temporary),
            "STATECHECK_ARGUMENTS": arguments,
            **{f"STATECHECK_{name.upper()}": value for name, value in given.items()},
        }
        done = _bash(STEPS["Check the state"]["run"], self.checkout, environment)
        outputs = dict(line.split("=", 1) for line in files["output.txt"].read_text().splitlines())
        sarif = json.loads(Path(outputs["sarif"]).read_text()) if outputs["sarif"] else None
        assert str(done.returncode) == outputs["exit-code"]
        return Done(done.returncode, done.stdout, files["summary.md"].read_text(), outputs, sarif)


def _bash(script: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def job(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A repository with a log of one entry on main."""
    made = Job(folder, monkeypatch)
    made.commit(log=log("one"))
    return made


def rewritten(job: Job, branch: str = "topic") -> None:
    """Rewrite an old entry on a branch, mend it again in the next commit, and let main go on in the meantime."""
    git(job.origin, "checkout", "-q", "-b", branch)
    job.commit(log=log("other"))
    job.commit(log=log("one", "two"))
    git(job.origin, "checkout", "-q", "main")
    job.commit(**{"unrelated.txt": "x\n"})


# --- pull requests


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_a_pull_request_is_judged_commit_by_commit_at_any_depth(job: Job, depth: int) -> None:
    rewritten(job)
    done = job.run(job.request(depth=depth))
    assert done.code == 1
    assert f"::error file={LOG},line=5" in done.out
    assert "L201 log-entry-rewritten" in done.out
    assert "via merge base of" in done.summary
    assert "3 commits one by one" in done.summary
    assert "Judged: the commits of the pull request, and its merge." in done.summary
    assert done.summary.startswith("### statecheck: failed\n")
    assert {each["ruleId"] for each in done.sarif["runs"][0]["results"]} == {"L201"}


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_without_history_and_a_way_to_it_nothing_passes(job: Job, depth: int) -> None:
    rewritten(job)
    event = job.request(depth=depth)
    job.cut_off()
    done = job.run(event)
    assert done.code == 2
    for words in (done.out, done.summary, json.dumps(done.sarif)):
        assert "fetch-depth: 0" in words
    assert done.summary.startswith("### statecheck: could not be verified\n")
    assert done.sarif["runs"][0]["invocations"][0]["executionSuccessful"] is False


def test_what_others_did_on_the_target_is_not_the_requests(job: Job) -> None:
    """Not even where the event still names the tip of the target from before."""
    before = job.tip()
    git(job.origin, "checkout", "-q", "-b", "topic")
    job.commit(**{"unrelated.txt": "x\n"})
    git(job.origin, "checkout", "-q", "main")
    job.commit(log=log("other"))
    event = job.request()
    event["pull_request"]["base"]["sha"] = before
    done = job.run(event)
    assert (done.code, done.sarif["runs"][0]["results"]) == (0, [])
    assert "::error" not in done.out
    assert done.summary.startswith("### statecheck: passed\n")


def test_the_merge_itself_is_judged(job: Job) -> None:
    git(job.origin, "checkout", "-q", "-b", "topic")
    write(job.origin, {".gitattributes": "*.md merge=ours\n"})
    job.commit(log=log("one", "two"))
    git(job.origin, "checkout", "-q", "main")
    job.commit(log=log("one", "three"))
    git(job.origin, "config", "merge.ours.driver", "true")
    write(job.origin, {".git/info/attributes": "*.md merge=ours\n"})
    done = job.run(job.request())
    assert done.code == 1
    assert "L201" in done.out, "the merge has the other entry of this number"


def test_a_request_whose_head_is_checked_out(job: Job) -> None:
    rewritten(job)
    event = job.request()
    git(job.checkout, "checkout", "-q", "--detach", job.tip("topic"))
    done = job.run(event)
    assert done.code == 1
    assert "2 commits one by one" in done.summary
    assert "Judged: the commits of the pull request." in done.summary


def test_a_request_that_is_not_checked_out_is_fetched(job: Job) -> None:
    """pull_request_target checks the target branch out."""
    rewritten(job)
    event = job.request()
    shutil.rmtree(job.checkout)
    job.check_out("refs/heads/main", depth=1)
    done = job.run(event)
    assert done.code == 1
    assert "L201" in done.out


@pytest.mark.parametrize("depth", [0, 1])
def test_the_name_of_a_branch_is_never_run(job: Job, depth: int) -> None:
    rewritten(job, HOSTILE)
    event = job.request(depth=depth, branch=HOSTILE)
    done = job.run(event)
    assert done.code == 1
    assert not list(job.folder.rglob("pwned*"))
    assert "touch" not in done.out + done.summary


def test_nothing_is_imported_from_the_checkout(job: Job) -> None:
    names = ("venv.py", "pip.py", "json.py", "shlex.py", "statecheck/__init__.py", "statecheck/__main__.py")
    git(job.origin, "checkout", "-q", "-b", "topic")
    job.commit(**dict.fromkeys(names, "open('pwned', 'w')\n"))
    git(job.origin, "checkout", "-q", "main")
    done = job.run(job.request())
    assert done.code == 0
    assert not list(job.folder.rglob("pwned*"))


# --- pushes, merge groups, and all else


def test_a_push(job: Job) -> None:
    before = job.tip()
    job.commit(log=log("one", "two"))
    job.commit(log=log("other", "two"))
    job.check_out("refs/heads/main", depth=1)
    done = job.run({"before": before, "after": job.tip(), "ref": "refs/heads/main"})
    assert done.code == 1
    assert "2 commits one by one" in done.summary
    assert "Judged: the commits of the push." in done.summary


@pytest.mark.parametrize("depth", [0, 1])
def test_the_first_push_of_a_branch_is_compared_with_the_default_branch(job: Job, depth: int) -> None:
    rewritten(job)
    job.check_out("refs/heads/topic", depth)
    event = {"before": NONE, "after": job.tip("topic"), "ref": "refs/heads/topic"}
    done = job.run({**event, "repository": {"default_branch": "main"}})
    assert done.code == 1
    assert "2 commits one by one" in done.summary


def test_the_first_push_of_the_default_branch_judges_all_as_new(job: Job) -> None:
    job.commit(**{"art/constraints.json": '{"constraints": [{"id": "a"}]}\n'})
    job.check_out("refs/heads/main", depth=1)
    event = {"before": NONE, "after": job.tip(), "ref": "refs/heads/main"}
    done = job.run({**event, "repository": {"default_branch": "main"}}, arguments="--select S")
    assert done.code == 1
    assert "S103" in done.out
    assert "compared with nothing (--no-history)" in done.summary


def test_a_forced_push_is_compared_with_what_was_there_before(job: Job) -> None:
    """No branch has it any more, and a clone lacks it; hosting services still give it to who asks for it by name."""
    start = job.tip()
    job.commit(log=log("one", "two"))
    before = job.tip()
    git(job.origin, "reset", "-q", "--hard", start)
    job.commit(log=log("other"))
    job.check_out("refs/heads/main")
    done = job.run({"before": before, "after": job.tip(), "ref": "refs/heads/main", "forced": True})
    assert done.code == 1
    assert "L201" in done.out
    assert f"merge base of {before}" in done.summary


def test_a_forced_push_whose_before_is_gone_does_not_pass(job: Job) -> None:
    job.check_out("refs/heads/main")
    before = "1234567890" * 4
    done = job.run({"before": before, "after": job.tip(), "ref": "refs/heads/main", "forced": True})
    assert done.code == 2
    assert f"there is no commit {before} in this clone" in done.summary


def test_a_merge_group(job: Job) -> None:
    base = job.tip()
    job.commit(log=log("other"))
    job.check_out("refs/heads/main", depth=1)
    done = job.run({"merge_group": {"base_sha": base, "head_sha": job.tip()}})
    assert done.code == 1
    assert "Judged: the commits of the merge group." in done.summary


@pytest.mark.parametrize("event", [{}, {"schedule": "0 0 * * *", "pull_request": None}, {"before": "x", "after": NONE}])
def test_an_event_without_a_change_says_that_no_history_is_judged(job: Job, event: Any) -> None:
    job.check_out("refs/heads/main", depth=1)
    done = job.run(event)
    assert done.code == 0
    assert "there is no history to judge" in done.summary
    assert "compared worktree with HEAD" in done.summary


# --- inputs, and what cannot be run


def test_a_base_of_ones_own(job: Job) -> None:
    base = job.tip()
    job.commit(log=log("other"))
    job.check_out("refs/heads/main", depth=1)
    done = job.run({}, base=base)
    assert done.code == 1
    assert f"merge base of {base}" in done.summary


def test_a_base_that_looks_like_an_option(job: Job) -> None:
    job.check_out("refs/heads/main")
    done = job.run({}, base="--output-file=pwned")
    assert done.code == 2
    assert not (job.checkout / "pwned").exists()


def test_arguments_are_words_and_are_not_run(job: Job) -> None:
    job.check_out("refs/heads/main")
    assert job.run({}, arguments="--select 'L, W'").code == 0
    done = job.run({}, arguments="--ignore $(touch${IFS}pwned)")
    assert done.code == 2
    assert "The log of the job says why." in done.summary
    assert not (job.checkout / "pwned").exists()
    assert job.run({}, arguments="--select 'W").code == 2


@pytest.mark.parametrize(
    "event",
    [
        [],
        {"pull_request": {}},
        {"pull_request": [], "merge_group": None},
        {"pull_request": {"head": None, "base": None}},
        {"pull_request": {"head": {"sha": "--all"}, "base": {"sha": "x"}}},
        {"before": "$(touch pwned)", "after": "x"},
        {"merge_group": {}},
    ],
)
def test_an_event_that_names_no_commits_does_not_pass(job: Job, event: Any) -> None:
    job.check_out("refs/heads/main")
    done = job.run(event)
    assert done.code == 2
    assert "::error title=statecheck::" in done.out
    assert "could not be verified" in done.summary
    assert done.sarif is None


def test_without_a_checkout_nothing_passes(job: Job) -> None:
    job.checkout.mkdir()
    done = job.run({})
    assert done.code == 2
    assert "run actions/checkout before" in done.summary


# --- what the files say


def test_no_expression_stands_in_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
    used = {word for step in ACTION["runs"]["steps"] for word in ACTION["inputs"] if f"inputs.{word}" in str(step)}
    assert used == set(ACTION["inputs"])


def test_only_the_check_decides() -> None:
    upload = STEPS["Upload to code scanning"]
    assert upload["continue-on-error"] is True
    assert "!cancelled()" in upload["if"]


@pytest.mark.parametrize(("schema", "path"), [("github-actions", ROOT / "action.yml"), ("gitlab-ci", TEMPLATE)])
def test_the_files_are_what_the_services_read(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_action_installs_itself(job: Job) -> None:
    """From its own checkout, with its own steps, and nothing of the folder that it runs in."""
    shutil.rmtree(job.temporary / "statecheck")
    source = job.folder / "action"
    ignored = shutil.ignore_patterns(".git", ".venv*", "__pycache__", "build", "*.egg-info", ".*_cache", "tests")
    shutil.copytree(ROOT, source, ignore=ignored)
    job.check_out("refs/heads/main")
    write(job.checkout, {"venv.py": "open('pwned', 'w')\n", "pip.py": "open('pwned', 'w')\n"})
    environment = {
        **os.environ,
        "STATECHECK_PYTHON": sys.executable,
        "RUNNER_TEMP": str(job.temporary),
        "GITHUB_ACTION_PATH": str(source),
    }
    installed = _bash(STEPS["Install statecheck"]["run"], job.checkout, environment)
    assert installed.returncode == 0, installed.stderr
    assert job.run({}).code == 0
    assert not list(job.folder.rglob("pwned*"))


# --- GitLab


class GitLab(NamedTuple):
    """A job of GitLab: its script, in a clone."""

    job: Job

    def run(self, **variables: str) -> Done:
        """Run the script of the template."""
        task = YAML(typ="safe").load(TEMPLATE.read_text(encoding="utf-8"))["statecheck"]
        assert task["variables"]["GIT_DEPTH"] == "0"
        given = {"STATECHECK_ARGUMENTS": "", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}
        environment = {**os.environ, **given, **variables}
        done = _bash("\n".join(task["script"]), self.job.checkout, environment)
        reports = task["artifacts"]["reports"]
        found = json.loads((self.job.checkout / reports["codequality"]).read_text())
        assert (self.job.checkout / reports["junit"]).read_text().startswith("<?xml")
        return Done(done.returncode, done.stdout, done.stderr, {}, found)


def test_the_template_installs_nothing_that_was_not_named(tmp_path: Path) -> None:
    task = YAML(typ="safe").load(TEMPLATE.read_text(encoding="utf-8"))["statecheck"]
    assert task["variables"]["STATECHECK_PACKAGE"] == ""
    for package, passes in (("", False), ("git+https://example.org/x@y", True)):
        done = _bash(task["before_script"][0], tmp_path, {**os.environ, "STATECHECK_PACKAGE": package})
        assert (done.returncode == 0) is passes
        assert passes or "says what pip is to install" in done.stderr


def checks(done: Done) -> list[str]:
    """Return the codes of a Code Quality report."""
    return [each["check_name"] for each in done.sarif]


@pytest.mark.parametrize("merged", [False, True])
def test_a_merge_request(job: Job, *, merged: bool) -> None:
    """With `merged` the pipeline is of the result of the merge, and what main did since is not the request's."""
    rewritten(job)
    base = git(job.origin, "merge-base", "main", "topic").strip()
    job.request()
    variables = {"CI_COMMIT_SHA": git(job.checkout, "rev-parse", "HEAD").strip()}
    if merged:
        variables["CI_MERGE_REQUEST_TARGET_BRANCH_SHA"] = job.tip("main")
    else:
        git(job.checkout, "checkout", "-q", "--detach", job.tip("topic"))
        variables["CI_COMMIT_SHA"] = job.tip("topic")
    source = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_COMMIT_BEFORE_SHA": NONE}
    done = GitLab(job).run(**variables, **source, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.code == 1
    assert f"{3 if merged else 2} commits one by one" in done.out
    assert any("L201" in each for each in checks(done))


def test_a_push_to_gitlab(job: Job) -> None:
    before = job.tip()
    job.commit(log=log("other"))
    job.check_out("refs/heads/main")
    done = GitLab(job).run(CI_COMMIT_SHA=job.tip(), CI_COMMIT_BEFORE_SHA=before, CI_COMMIT_BRANCH="main")
    assert done.code == 1
    assert "L201" in done.out


@pytest.mark.parametrize("branch", ["topic", HOSTILE])
def test_a_new_branch_on_gitlab(job: Job, branch: str) -> None:
    rewritten(job, branch)
    job.check_out(f"refs/heads/{branch}")
    git(job.checkout, "update-ref", "-d", "refs/remotes/origin/main")
    done = GitLab(job).run(CI_COMMIT_SHA=job.tip(branch), CI_COMMIT_BEFORE_SHA=NONE, CI_COMMIT_BRANCH=branch)
    assert done.code == 1
    assert "2 commits one by one" in done.out
    assert not list(job.folder.rglob("pwned*"))


def test_a_first_push_to_gitlab(job: Job) -> None:
    job.check_out("refs/heads/main")
    done = GitLab(job).run(CI_COMMIT_SHA=job.tip(), CI_COMMIT_BEFORE_SHA=NONE, CI_COMMIT_BRANCH="main")
    assert "compared with nothing (--no-history)" in done.out


def test_a_base_that_gitlab_does_not_have_does_not_pass(job: Job) -> None:
    job.check_out("refs/heads/main")
    done = GitLab(job).run(CI_COMMIT_SHA=job.tip(), CI_COMMIT_BEFORE_SHA="1" * 40, CI_COMMIT_BRANCH="main")
    assert done.code == 2


def test_a_schedule_on_gitlab_judges_the_state_as_it_stands(job: Job) -> None:
    job.check_out("refs/heads/main")
    done = GitLab(job).run(CI_COMMIT_SHA=job.tip(), CI_COMMIT_BEFORE_SHA=NONE, CI_PIPELINE_SOURCE="schedule")
    assert "compared worktree with HEAD" in done.out
