"""A repository with a Dockerfile of its own."""

from pathlib import Path

import pytest
from support.installation import Person

pytestmark = pytest.mark.timeout(300)

README = "---\nsdk: docker\napp_port: 3000\n---\n"
APP = """
import http.server
import os


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{os.getuid()} {os.environ['SPACE_REPO_NAME']} {open('greeting').read()}".encode())


http.server.HTTPServer(("0.0.0.0", 3000), Handler).serve_forever()
"""
DOCKERFILE = """
FROM {base}
RUN useradd -m -u 1000 user
USER user
WORKDIR /home/user/app
RUN cat <<'GREETING' > greeting
Hello from a heredoc
GREETING
COPY --link --chown=user . .
CMD ["python3", "app.py"]
"""


def test_it_is_built_and_answers_or_the_push_says_what_is_missing(
    owner: Person, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    on_docker = owner.at.engine == "docker"
    base = request.getfixturevalue("base_image") if on_docker else "python:3.11-slim"
    files = {"README.md": README, "Dockerfile": DOCKERFILE.format(base=base), "app.py": APP}
    pushed = owner.work_on("boxed", tmp_path, files).push()
    if on_docker:
        assert pushed.returncode == 0, pushed.stderr
        assert owner.at.get(owner.host_of("boxed")).text == "1000 boxed Hello from a heredoc\n"
    else:
        assert pushed.returncode != 0
        assert "`sdk: docker`, which needs a Docker engine, and this Minispaces has none" in pushed.stderr


def test_a_failing_step_is_named_and_its_words_are_shown(
    owner: Person, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if owner.at.engine != "docker":
        return
    dockerfile = f"FROM {request.getfixturevalue('base_image')}\nRUN echo the wheels came off && exit 3\n"
    pushed = owner.work_on("broken", tmp_path, {"README.md": README, "Dockerfile": dockerfile}).push()
    assert pushed.returncode != 0
    assert "the wheels came off" in pushed.stderr
    assert "ended with exit code 3" in pushed.stderr
