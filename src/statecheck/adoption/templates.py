"""What a project is given to have its state checked: the hooks, the CI jobs, the agent hook. The documentation has it
from here."""

from __future__ import annotations

from typing import Any

ADDRESS = "git+https://URL-OF-STATECHECK@TAG-OR-COMMIT"
"""Where a job gets the program: a project has to say it, since a bare name could be somebody else's package."""

INSTALL = f"pip install {ADDRESS}"

PRE_COMMIT = """\
- repo: local
  hooks:
    - id: fix-state
      name: fix-state
      entry: fix-state --exit-non-zero-on-fix
      language: system
      always_run: true
      pass_filenames: false
      require_serial: true
      stages: [pre-commit, pre-merge-commit, pre-push, manual]
    - id: check-state
      name: check-state
      entry: check-state
      language: system
      always_run: true
      pass_filenames: false
      require_serial: true
      stages: [pre-commit, pre-merge-commit, pre-push, manual]
"""
"""The item of ``repos`` in .pre-commit-config.yaml. It runs the commands that are installed."""

GITHUB = f"""\
name: statecheck

on: pull_request

permissions:
  contents: read
  security-events: write

jobs:
  statecheck:
    runs-on: ubuntu-latest
    env:
      FROM_REF: ${{{{ github.event.pull_request.base.sha }}}}
      TO_REF: ${{{{ github.event.pull_request.head.sha }}}}
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: {INSTALL}
      - name: Write the report
        run: check-state --from-ref "$FROM_REF" --to-ref "$TO_REF" --output-format sarif --output-file statecheck.sarif
        continue-on-error: true
      - name: Upload the report
        uses: github/codeql-action/upload-sarif@v3
        with:
          sarif_file: statecheck.sarif
        continue-on-error: true
      - name: Judge the pull request
        run: check-state --from-ref "$FROM_REF" --to-ref "$TO_REF" --output-format github
"""
"""A workflow of GitHub Actions. The last step decides: the report may not be uploaded from a fork."""

GITLAB = f"""\
statecheck:
  image: python:3.12
  variables:
    GIT_DEPTH: "0"
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - {INSTALL}
    - check-state --from-ref "$CI_MERGE_REQUEST_DIFF_BASE_SHA" --to-ref "$CI_COMMIT_SHA"
  after_script:
    - >-
      check-state --from-ref "$CI_MERGE_REQUEST_DIFF_BASE_SHA" --to-ref "$CI_COMMIT_SHA"
      --output-format gitlab --output-file gl-code-quality-report.json
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
"""
"""A job of GitLab CI. The script decides; what writes the report afterwards does not."""

_AGENT: dict[str, Any] = {"type": "command", "command": "check-state --output-format claude"}

CLAUDE: dict[str, dict[str, Any]] = {
    "PostToolUse": {"matcher": "Edit|Write", "hooks": [_AGENT]},
    "Stop": {"hooks": [_AGENT]},
}
"""The hooks of Claude Code, by event: told what broke as soon as it was written, and again before the end."""
