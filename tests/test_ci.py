"""What CI may not skip."""

from __future__ import annotations

import os

import pytest
from harness import BROWSER, BROWSER_REQUIRED, SHARED

TESTS_ON_REAL_FILES = 130
TESTS_IN_A_BROWSER = 8


@pytest.mark.skipif(not os.environ.get("CI"), reason="a user's machine need not have the collected files")
def test_the_tests_on_real_files_run(request: pytest.FixtureRequest) -> None:
    marked = [item for item in request.session.items if item.get_closest_marker("corpus")]
    assert len(marked) >= TESTS_ON_REAL_FILES
    for name in ("corpus", "spec"):
        assert (SHARED / name).is_dir(), f"{SHARED / name} must be there in CI: its tests would all be skipped"


@pytest.mark.skipif(not BROWSER_REQUIRED, reason="a user's machine need not have a browser")
def test_the_tests_in_a_browser_run(request: pytest.FixtureRequest) -> None:
    marked = [item for item in request.session.items if item.get_closest_marker("browser")]
    assert len(marked) >= TESTS_IN_A_BROWSER
    assert BROWSER is not None, "a browser must be there: its tests would all be skipped"
