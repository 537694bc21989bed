"""Every starter template builds, starts and answers: the one with a Dockerfile on Docker, the others as processes."""

from pathlib import Path

import pytest
from support.installation import Person

from minispaces_platform.creating.starters import files_of

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize(
    ("starter", "path", "shown"),
    [
        ("static", "/script.js", "Points that drift"),
        ("streamlit", "/_stcore/health", "ok"),
        ("gradio", "/config", "main_colours"),
        ("chat", "/config", "A small chat"),
        ("fastapi", "/roll?dice=1&sides=1", '"dice":'),
    ],
)
def test_a_starter_answers(
    *, owner: Person, tmp_path: Path, request: pytest.FixtureRequest, starter: str, path: str, shown: str
) -> None:
    on_docker = owner.at.engine == "docker"
    if on_docker is not (starter == "fastapi"):
        pytest.skip("is tested on the other engine")
    files = {put.path: put.content for put in files_of(starter, title=starter)}
    if on_docker:
        base = request.getfixturevalue("base_image").encode()
        files["Dockerfile"] = files["Dockerfile"].replace(b"python:3.11-slim", base)
    tree = owner.work_on(f"starter-{starter}", tmp_path, files)
    pushed = tree.push(seconds=500)
    assert pushed.returncode == 0, pushed.stderr
    assert shown in owner.at.get(owner.host_of(f"starter-{starter}"), path).text
