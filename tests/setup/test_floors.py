"""What is locked has the fixes that matter (threat T65); the numbers are the first releases that do."""

import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

LOCK = tomllib.loads((Path(__file__).parents[2] / "uv.lock").read_text())
FLOORS = {
    "authlib": "1.6.11", "starlette": "1.3.0", "python-multipart": "0.0.27", "h11": "0.16", "celery": "5.2.2",
    "jinja2": "3.1.6", "gitpython": "3.1.41", "pysqlite3": "0.6.1",
}  # fmt: skip


@pytest.mark.parametrize("name", FLOORS)
def test_the_lock_keeps_above_its_floor(name):
    [locked] = [package["version"] for package in LOCK["package"] if package["name"] == name]
    assert Version(locked) >= Version(FLOORS[name])
