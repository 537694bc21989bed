"""The team installation as docker-compose.yml describes it: from `docker build` to an app that answers a push."""

import os
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import team_env

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90

pytestmark = [
    pytest.mark.docker,
    pytest.mark.network,
    pytest.mark.root,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("team installation"),
]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    """Standard output and error; a failure shows both."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "DOCKER_BUILDKIT": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"
    return done.stdout


def build(tag: str, *options: str) -> str:
    authorities = os.environ.get("SSL_CERT_FILE")
    secret = [f"--secret=id=ca,src={authorities}"] if authorities else []
    run("docker", "build", "--quiet", "--tag", tag, *secret, *options)
    return tag


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True)
class Installation:
    project: str
    env_file: Path
    port: int

    def compose(self, *words: str) -> str:
        """With the plugin where there is one, else with Debian 12's program of the same name."""
        plugin = subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
        command = ["docker", "compose"] if plugin else ["docker-compose"]
        return run(*command, "--env-file", str(self.env_file), "--project-name", self.project, *words)

    def command_line(self, *words: str) -> str:
        return self.compose("exec", "-T", "platform", "minispaces", *words).strip()

    def get(self, path: str, *, host: str = "localhost") -> httpx2.Response:
        return httpx2.get(f"http://127.0.0.1:{self.port}{path}", headers={"Host": f"{host}:{self.port}"}, timeout=60)

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._status_of_the_hub() != httpx2.codes.OK:
            assert time.monotonic() < deadline, self.compose("ps") + self.compose("logs", "--no-color", "--tail=30")
            time.sleep(0.2)

    def _status_of_the_hub(self) -> int:
        try:
            return self.get("/readyz").status_code
        except httpx2.TransportError:
            return 0


def settings_of_the_test(images: dict[str, str], base_image: str, port: int) -> dict[str, str]:
    socket_path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
    return images | {
        "MINISPACES_INSTALLATION": f"test-{uuid.uuid4().hex}",
        "MINISPACES_PORT": str(port),
        "MINISPACES_PROXY_BIND": f"127.0.0.1:{port}",
        "MINISPACES_APP_SUBNET": "10.203.0.0/16",
        "MINISPACES_BASE_IMAGE": base_image,
        "MINISPACES_DOCKER_SOCKET": socket_path,
    }


@pytest.fixture(scope="module")
def images(base_image: str) -> Iterator[dict[str, str]]:
    mark = uuid.uuid4().hex[:8]
    base = f"--build-arg=BASE_IMAGE={base_image}"
    ours = build(f"minispaces-test/ours:{mark}", base, "--build-arg=BROWSER=", "--file", "deploy/Dockerfile", ".")
    built = {
        "MINISPACES_IMAGE": ours,
        "MINISPACES_PROXY_IMAGE": ours,
        "MINISPACES_POSTGRES_IMAGE": build(
            f"minispaces-test/postgres:{mark}", base, "--target=postgres", "deploy/stand-ins"
        ),
        "MINISPACES_REDIS_IMAGE": build(f"minispaces-test/redis:{mark}", base, "--target=redis", "deploy/stand-ins"),
    }
    yield built
    run("docker", "image", "rm", *sorted(set(built.values())))


@pytest.fixture(scope="module")
def installation(
    images: dict[str, str], base_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    env_file = tmp_path_factory.mktemp("team") / "team.env"
    port = free_port()
    settings = settings_of_the_test(images, base_image, port)
    settings["MINISPACES_STORAGE_ROOT"] = str(env_file.parent / "storage")
    own = "".join(f"{name}={value}\n" for name, value in settings.items())
    env_file.write_text(team_env.fill(team_env.EXAMPLE.read_text()) + own)
    team = Installation(f"ms{uuid.uuid4().hex[:8]}", env_file, port)
    try:
        team.compose("up", "-d")
        team.wait_until_it_answers()
        yield team
    finally:
        print(team.compose("logs", "--no-color", "--tail=40", "platform", "builder", "runner"))
        team.compose("stop", "-t", "5", "platform", "builder", "runner")
        team.compose("run", "--rm", "--no-deps", "-T", "runner", "python", "-m", "minispaces_runner", "clear")
        team.compose("down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def remote(installation: Installation) -> str:
    installation.command_line("user", "add", "alice", "--admin")
    token = installation.command_line("token", "create", "alice", "--scope", "write")
    return f"http://alice:{token}@localhost:{installation.port}/spaces/alice"


def commit(folder: Path, **files: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    run("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    run("git", "add", ".", cwd=folder)
    run("git", "-c", "user.name=alice", "-c", "user.email=alice@localhost", "commit", "-qm", "A page", cwd=folder)


def test_a_push_ends_with_a_url_that_answers(installation: Installation, remote: str, tmp_path: Path):
    commit(tmp_path / "page", README__md="---\nsdk: static\n---\n", index__html="<h1>From the team</h1>")
    said = run("git", "push", f"{remote}/page", "main", cwd=tmp_path / "page")
    host = "alice-page.apps.localhost"
    assert f"http://{host}:{installation.port}" in said
    answer = installation.get("/", host=host)
    assert (answer.status_code, "From the team" in answer.text) == (200, True)


def test_the_sign_in_link_leads_to_the_address_that_people_use(installation: Installation, remote: str):
    link = installation.command_line("user", "login-link", "alice")
    assert link.startswith(f"http://localhost:{installation.port}/")


def test_what_was_pushed_outlives_a_restart_of_every_part(installation: Installation, remote: str, tmp_path: Path):
    commit(tmp_path / "stays", README__md="---\nsdk: static\n---\n", index__html="<h1>Still here</h1>")
    run("git", "push", f"{remote}/stays", "main", cwd=tmp_path / "stays")
    installation.compose("restart", "-t", "5")
    installation.wait_until_it_answers()
    deadline = time.monotonic() + START_SECONDS
    while "Still here" not in installation.get("/", host="alice-stays.apps.localhost").text:
        assert time.monotonic() < deadline, installation.compose("logs", "--no-color", "--tail=30", "runner")
        time.sleep(0.2)
