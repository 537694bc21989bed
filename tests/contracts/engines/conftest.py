"""One house per engine."""

import asyncio
import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import docker
import pytest
from support.engines import APP, House
from support.ports import free_port

from minispaces_contract.messages import Artifact, Storage
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.docker_engine import DockerEngine
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

FORKED = {"test_disk", "test_ending", "test_freezing", "test_isolation", "test_storage"}
WITHOUT_DOCKER = {"test_shared_gpu"}
"""A container with a GPU needs a real one."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty Python environment, as the builder would make one."""
    folder = tmp_path_factory.mktemp("environments") / "plain"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def image(request: pytest.FixtureRequest) -> Iterator[str]:
    """The app as an image whose user is 1000."""
    client = docker.from_env()
    made = client.containers.create(request.getfixturevalue("base_image"), "true")
    made.put_archive("/", _home())
    committed = made.commit(changes=["USER 1000", "WORKDIR /home/user/app", "VOLUME /data"])
    made.remove(v=True)
    yield str(committed.id)
    client.images.remove(committed.id, force=True)


def _home() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for folder in ("home", "home/user", "home/user/app"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, 0o755, 1000, 1000
            tar.addfile(entry)
        file = tarfile.TarInfo("home/user/app/app.py")
        file.size, file.uid, file.gid = APP.stat().st_size, 1000, 1000
        tar.addfile(file, io.BytesIO(APP.read_bytes()))
    return packed.getvalue()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A fork server is one more way to start an app of the process engine: where that way matters, it is tried."""
    if "house" not in metafunc.fixturenames:
        return
    module = metafunc.module.__name__.rpartition(".")[2]
    forks = [pytest.param("forks", marks=pytest.mark.root)] if module in FORKED else []
    containers = [] if module in WITHOUT_DOCKER else [pytest.param("docker", marks=pytest.mark.docker)]
    kinds = ["process", *forks, *containers]
    metafunc.parametrize("house", kinds, indirect=True)


@pytest.fixture
async def house(request: pytest.FixtureRequest, short_dir: Path) -> AsyncIterator[House]:
    settings = RunnerSettings(data=short_dir / "data", port=free_port())
    house = _docker_house(request, settings) if request.param == "docker" else _process_house(request, settings)
    house.engine = await house.open(settings)
    try:
        if request.param == "forks":
            await _warm(house)
        yield house
    finally:
        await house.engine.clear()
        await house.engine.aclose()


def _process_house(request: pytest.FixtureRequest, settings: RunnerSettings) -> House:
    app = settings.data / "bundles" / "s1" / "b1" / "app"
    app.mkdir(parents=True)
    shutil.copy(APP, app / "app.py")
    environment = settings.data / "environments" / "e1"
    shutil.copytree(request.getfixturevalue("environment"), environment, symlinks=True)
    artifact = Artifact(
        kind=ArtifactKind.BUNDLE,
        reference="bundles/s1/b1",
        environment="environments/e1",
        sdk=Sdk.GRADIO,
        env={"PYTHONUNBUFFERED": "1"},
    )
    return House("process", ProcessEngine.open, settings, artifact)


async def _warm(house: House) -> None:
    """Fork servers for an SDK of one line; from here on every start is a fork."""
    environment = house.settings.data / "environments" / "e1"
    next(environment.glob("lib/python3*/site-packages")).joinpath("gradio.py").write_text("")
    assert isinstance(house.engine, ProcessEngine)
    for spec in (house.spec(), house.spec(storage=Storage())):  # what has a /data comes from another server
        await house.engine.warm(spec)
        while not await house.engine.is_warm(spec):  # noqa: ASYNC110  another process
            await asyncio.sleep(0.02)
    house.forks = True


def _docker_house(request: pytest.FixtureRequest, settings: RunnerSettings) -> House:
    artifact = Artifact(
        kind=ArtifactKind.IMAGE,
        reference=request.getfixturevalue("image"),
        sdk=Sdk.GRADIO,
        env={"HOME": "/home/user", "PYTHONUNBUFFERED": "1"},
    )
    return House("docker", DockerEngine.open, settings, artifact)
