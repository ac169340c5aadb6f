"""Judge what a workflow of GitHub Actions is about: annotations in its log, a SARIF file, the summary of its job.

`action.yml` runs this in a checkout that nobody has looked at yet, with the Python that statecheck is installed in.
What the event says comes from its file and reaches git as an argument of its own, never as a piece of a script. The
checkout may hold a `venv.py` or a `statecheck/`; nothing is imported from there.

Exit codes are those of check-state: 2 where the comparison cannot be had, and never 0 for want of history.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any, NamedTuple

UNVERIFIED = 2

_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NOTHING = re.compile(r"0+")


class NoChangeError(Exception):
    """What the run is about cannot be told; the message says why."""


class Change(NamedTuple):
    """What is judged: the commits from `source` to `target`, or where both are empty the checkout as it stands."""

    words: str
    source: str = ""
    target: str = ""
    history: bool = True

    @property
    def options(self) -> list[str]:
        """The options of check-state that ask for it."""
        if self.source:
            return [f"--from-ref={self.source}", f"--to-ref={self.target}"]
        return [] if self.history else ["--no-history"]


def main() -> int:
    """Run check-state in each format, and return the one exit code."""
    try:
        change = change_of(_event(), os.environ.get("STATECHECK_BASE", "").strip())
        complete_history(change)
        extra = _words(os.environ.get("STATECHECK_ARGUMENTS", ""))
    except NoChangeError as error:
        print(f"::error title=statecheck::{error}")
        _append("GITHUB_STEP_SUMMARY", f"### statecheck: could not be verified\n\n{error}")
        _append("GITHUB_OUTPUT", f"exit-code={UNVERIFIED}\nsarif=")
        return UNVERIFIED
    print(f"statecheck judges {change.words}", flush=True)
    return _judge(change, extra)


def change_of(event: dict[str, Any], base: str) -> Change:
    """Return what an event is about; `base`, if the workflow names one, goes before what it says.

    Raises `NoChangeError` where nothing is checked out, or an event does not name the commits that its kind has.
    """
    head = (git("rev-parse", "--verify", "--quiet", "HEAD^{commit}") or "").strip()
    if not head:
        raise NoChangeError("there is no checkout here: run actions/checkout before, with fetch-depth: 0")
    if base:
        return Change("the commits since the base that the workflow names", base, head)
    if event.get("pull_request") is not None:
        return _request(event, head)
    if event.get("merge_group") is not None:
        base, tip = _commit(event, "merge_group", "base_sha"), _commit(event, "merge_group", "head_sha")
        return Change("the commits of the merge group", base, tip)
    if "before" in event and not _NOTHING.fullmatch(str(event.get("after"))):
        return _push(event)
    return Change("the state as it stands: the event names no change, so there is no history to judge")


def _request(event: dict[str, Any], head: str) -> Change:
    """Return the commits of a pull request: with the merge that GitHub made to try it, where that is checked out.

    The first parent of the merge is the target branch. It, and not `base.sha`, is what the merge was made with.
    """
    tip = _commit(event, "pull_request", "head", "sha")
    parents = _parents(head)
    if len(parents) == 2 and parents[1] == tip:
        return Change("the commits of the pull request, and its merge", parents[0], head)
    return Change("the commits of the pull request", _commit(event, "pull_request", "base", "sha"), tip)


def _push(event: dict[str, Any]) -> Change:
    before, after = _commit(event, "before"), _commit(event, "after")
    if not _NOTHING.fullmatch(before):
        return Change("the commits of the push", before, after)
    name = _at(event, "repository", "default_branch")
    if event.get("ref") == f"refs/heads/{name}":
        return Change("all state as new: the first push of the default branch has nothing before it", history=False)
    return Change("the commits that the default branch does not have", f"refs/remotes/origin/{name}", after)


def _at(event: object, *keys: str) -> object:
    """Return what stands at a place of an event, or None."""
    for key in keys:
        event = event.get(key) if isinstance(event, dict) else None
    return event


def _commit(event: dict[str, Any], *keys: str) -> str:
    value = _at(event, *keys)
    if not isinstance(value, str) or not _OBJECT_ID.fullmatch(value):
        raise NoChangeError("the event does not name the commits that it is about")
    return value


def _parents(commit: str) -> list[str]:
    """Return the parents that a commit names, those that a shallow clone lacks among them."""
    header = (git("cat-file", "commit", commit) or "").partition("\n\n")[0]
    return [line.removeprefix("parent ") for line in header.split("\n") if line.startswith("parent ")]


def complete_history(change: Change) -> None:
    """Fetch what a shallow clone lacks, and commits that no branch has any more. check-state says what is missing."""
    if not change.source:
        return
    if (git("rev-parse", "--is-shallow-repository") or "").strip() != "false":
        _fetch("--unshallow")
    for name in (change.source, change.target):
        if git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") is not None:
            continue
        if _OBJECT_ID.fullmatch(name):
            _fetch("origin", name)
        elif name.startswith("refs/remotes/origin/"):
            _fetch("origin", f"{name.replace('remotes/origin', 'heads', 1)}:{name}")


def _fetch(*what: str) -> None:
    git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *what)


def git(*arguments: str) -> str | None:
    """Return what git prints, or None where it fails. What it says beside that could be taken for a command."""
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def _judge(change: Change, extra: list[str]) -> int:
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")  # one moment for all three
    sarif = os.path.join(os.environ.get("RUNNER_TEMP", "."), "statecheck.sarif")
    common = ["--now", moment, *change.options, *extra]
    annotations = _check_state("--output-format", "github", *common)
    page = _check_state("--output-format", "markdown", *common, captured=True)
    report = _check_state("--output-format", "sarif", "--output-file", sarif, *common, captured=True)
    text = page.stdout or "### statecheck: could not be verified\n\nThe log of the job says why.\n"
    _append("GITHUB_STEP_SUMMARY", f"{text}\nJudged: {change.words}.")
    codes = {done.returncode for done in (annotations, page, report)}
    code = codes.pop() if len(codes) == 1 else UNVERIFIED
    if codes:
        print("::error title=statecheck::two runs of the same check ended differently")
    _append("GITHUB_OUTPUT", f"exit-code={code}\nsarif={sarif if os.path.exists(sarif) else ''}")
    return code


def _check_state(*arguments: str, captured: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-m", "statecheck", "check", *arguments]
    return subprocess.run(command, capture_output=captured, check=False, encoding="utf-8")


def _event() -> dict[str, Any]:
    try:
        with open(os.environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
            event = json.load(file)
    except (KeyError, OSError, ValueError):
        event = None
    if not isinstance(event, dict):
        raise NoChangeError("GITHUB_EVENT_PATH names no event: this runs in GitHub Actions only")
    return event


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise NoChangeError(f"the input arguments cannot be read: {str(error).lower()}") from None


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
