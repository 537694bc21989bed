"""Every starter template builds, starts and answers: the one with a Dockerfile on Docker, the others as processes."""

from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from support.installation import Person

from minispaces_platform.creating.starters import files_of

from .conftest import DOCKER, PROCESS

pytestmark = pytest.mark.timeout(600)


def _on(engine: ParameterSet, *values: str) -> ParameterSet:
    return pytest.param(*engine.values, *values, marks=engine.marks)


@pytest.mark.parametrize(
    ("at", "starter", "path", "shown"),
    [
        _on(PROCESS, "static", "/script.js", "Points that drift"),
        _on(PROCESS, "streamlit", "/_stcore/health", "ok"),
        _on(PROCESS, "gradio", "/config", "main_colours"),
        _on(PROCESS, "chat", "/config", "A small chat"),
        _on(DOCKER, "fastapi", "/roll?dice=1&sides=1", '"dice":'),
    ],
    indirect=["at"],
)
def test_a_starter_answers(
    *, owner: Person, tmp_path: Path, request: pytest.FixtureRequest, starter: str, path: str, shown: str
) -> None:
    files = {put.path: put.content for put in files_of(starter, title=starter)}
    if starter == "fastapi":
        base = request.getfixturevalue("base_image").encode()
        files["Dockerfile"] = files["Dockerfile"].replace(b"python:3.11-slim", base)
    tree = owner.work_on(f"starter-{starter}", tmp_path, files)
    pushed = tree.push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    assert shown in owner.at.get(owner.host_of(f"starter-{starter}"), path).text
