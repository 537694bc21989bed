"""A real platform to push to: its own process, data directory, Redis and port. Tests play builder and runner."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import anyio
import httpx2
import pytest
import redis
from sqlalchemy import select
from support.ports import free_port
from support.waiting import wait_for

from minispaces_contract import logstream
from minispaces_contract.client import BuilderDoor, RunnerDoor
from minispaces_contract.messages import Artifact, BuildReport, BuildSpec, InstanceReport, Phase
from minispaces_contract.settings import ServiceSettings
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_platform.accounts import service as accounts
from minispaces_platform.accounts import tokens
from minispaces_platform.builds import service as builds
from minispaces_platform.database import Database
from minispaces_platform.embedded.processes import redis_part
from minispaces_platform.installation import settings_of
from minispaces_platform.migrate import migrate
from minispaces_platform.models import Build
from minispaces_platform.models.scopes import Scope
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import find_space

TOKEN = "internal-token-of-the-tests"


@dataclass
class Hub:
    """A running platform. `environment` starts another one on the same data."""

    settings: PlatformSettings
    environment: dict[str, str]
    redis: redis.Redis

    @property
    def database(self) -> Database:
        return Database(self.settings.effective_database_url)

    @property
    def builder(self) -> BuilderDoor:
        return BuilderDoor(self._service_settings())

    def _service_settings(self) -> ServiceSettings:
        return ServiceSettings(
            internal_url=f"http://127.0.0.1:{self.settings.port}", internal_token=TOKEN, data=self.settings.data
        )

    def add_user(self, name: str, *, scope: Scope = Scope.WRITE) -> str:
        """A new person's token."""
        with self.database.writing() as session:
            return tokens.create_token(session, accounts.add_user(session, name), scope=scope)

    def token_of(self, name: str, *, scope: Scope) -> str:
        with self.database.writing() as session:
            return tokens.create_token(session, accounts.get_user(session, name), scope=scope)

    def remote(self, user: str, token: str, space: str) -> str:
        return f"http://{user}:{token}@127.0.0.1:{self.settings.port}/spaces/{space}"

    def next_build(self, space: str) -> BuildSpec:
        """Claim what a push to `space` queued, whoever's turn it is."""
        build_id = wait_for(lambda: self._queued(space))
        with self.database.writing() as session:
            spec = builds.claim(session, build_id)
        assert spec is not None
        return spec

    def _queued(self, space: str) -> str | None:
        with self.database.reading() as session:
            found = find_space(session, *space.split("/"))
            return found and session.scalar(
                select(Build.id).where(Build.space_id == found.id, Build.status == BuildStatus.QUEUED)
            )

    def log(self, spec: BuildSpec, *lines: str) -> None:
        entries = [logstream.entry(logstream.Kind.LINE, line) for line in lines]
        logstream.append(self.redis, logstream.build_log(spec.build_id), *entries)

    def finish(self, spec: BuildSpec, *, error: str | None = None) -> None:
        artifact = Artifact(kind=ArtifactKind.BUNDLE, reference=f"bundles/{spec.build_id}", sdk=Sdk.GRADIO)
        self.builder.report(
            BuildReport(
                build_id=spec.build_id,
                attempt=spec.attempt,
                status=BuildStatus.FAILED if error else BuildStatus.SUCCEEDED,
                artifact=None if error else artifact,
                error=error,
                phases=(Phase(name="Installing", seconds=1.5),),
            )
        )

    def report_instance(self, space: str, status: InstanceStatus, *, detail: str | None = None) -> None:
        """Play the runner for the newest deployment of `space` that should run."""

        async def report() -> None:
            door = RunnerDoor(self._service_settings())
            ours = [item for item in (await door.world()).deployments if item.space == space and not item.on_demand]
            spec = ours[-1]
            await door.report(
                InstanceReport(deployment_id=spec.id, status=status, detail=detail, seconds=0.4, at=datetime.now(UTC))
            )
            await door.aclose()

        anyio.run(report)

    def go_live(self, spec: BuildSpec) -> None:
        self.finish(spec)
        self.report_instance(spec.space, InstanceStatus.RUNNING)


@pytest.fixture(scope="session")
def _hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with ExitStack() as stack:
        yield start_hub(stack, tmp_path_factory.mktemp("hub"))


@pytest.fixture
def hub(_hub: Hub) -> Hub:
    """Shared by a worker's tests; each makes people of its own."""
    return _hub


def start_hub(stack: ExitStack, data: Path, **extra: str) -> Hub:
    run = Path(stack.enter_context(_short_folder()))
    server = redis_part(data, run)
    (data / "redis").mkdir()
    process = subprocess.Popen(server.argv, stdout=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    port = free_port()
    settings = settings_of(data).model_copy(update={"port": port, "domain": "127.0.0.1"})
    environment = os.environ | {
        "MINISPACES_DATA": str(data),
        "MINISPACES_REDIS_URL": f"unix://{run / 'redis.sock'}",
        "MINISPACES_INTERNAL_TOKEN": TOKEN,
        "MINISPACES_LISTEN": f"127.0.0.1:{port}",
        "MINISPACES_DOMAIN": "127.0.0.1",
        "MINISPACES_PORT": str(port),
        **extra,
    }
    hub = Hub(settings, environment, redis.Redis(unix_socket_path=str(run / "redis.sock")))
    platform = start_platform(hub)
    stack.callback(platform.wait)
    stack.callback(platform.terminate)
    return hub


def start_platform(hub: Hub) -> "subprocess.Popen[bytes]":
    """Answers once this returns."""
    log = (hub.settings.data / "platform.log").open("ab")
    process = subprocess.Popen([sys.executable, "-m", "minispaces_platform"], env=hub.environment, stderr=log)
    wait_for(lambda: _is_up(hub.settings.port), seconds=60)
    return process


def _is_up(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx2.HTTPError:
        return False


def _short_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, on SQLite and on PostgreSQL."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url").replace("postgresql://", "postgresql+psycopg://")
    made = Database(url)
    migrate(made)
    yield made
    made.dispose()
