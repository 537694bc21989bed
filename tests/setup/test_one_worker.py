"""Whatever tests meet in one process, none may spoil the next."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BROWSER = "tests/platform/pages/browser/test_live_pages.py::test_signing_in_by_a_link_takes_one_press"
LOOP = "tests/contracts/test_routes.py::test_a_route_moves_in_place"


@pytest.mark.browser
def test_a_browser_leaves_the_event_loop_to_the_tests_after_it():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", BROWSER, LOOP]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout
    assert "2 passed" in run.stdout
