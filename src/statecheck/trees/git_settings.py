"""How git is called, whatever it is asked."""

from __future__ import annotations

import os

GIT = ("git", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
"""git without what a repository could have it run or be: a program that watches files, and a bare repository that is
but a folder of the files of another one."""

ALWAYS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for a git that does not know the one before
    "GIT_LFS_SKIP_SMUDGE": "1",  # its filter would fetch
    "GIT_NO_REPLACE_OBJECTS": "1",  # an object id stands for its own content
    "GIT_GRAFT_FILE": os.devnull,
}
"""What holds for every git that is started: it changes nothing, asks nobody, fetches nothing, shows what is there."""

LOCATION_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
)
"""What git sets in the environment for its hooks, of the repository that it runs in."""
