"""What was measured on, and which versions of everything."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks.environment import MODULES, NODE_PEERS, PEERS, ROOT
from benchmarks.repository import git


def describe() -> dict[str, str]:
    """Return the machine and the versions by their names."""
    facts = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "system": f"{_distribution()}, Linux {platform.release()}",
        "Python": platform.python_version(),
        "git": git(ROOT, "--version").split()[2],
        "statecheck": f"{metadata.version('statecheck')}, commit {_commit()}",
    }
    facts |= {name: metadata.version(name) for name in PEERS}
    packages = {name: MODULES / name / "package.json" for name in NODE_PEERS}
    found = {name: json.loads(path.read_bytes())["version"] for name, path in packages.items() if path.exists()}
    if found:
        facts["node"] = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip(
            "v\n"
        )
    return facts | found


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _commit() -> str:
    """Return the commit of the checkout, and whether what is measured differs from it."""
    changed = git(ROOT, "status", "--porcelain", "--", "src", "validators", "fixers", "schemas", "pyproject.toml")
    return git(ROOT, "rev-parse", "--short=12", "HEAD").strip() + (", with changes" if changed else "")
