"""R11, R12 and R35: the Docker engine restarts, dies, or says nothing, and apps go on or come back."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis.asyncio
from faults.dockerd import OwnEngine
from faults.visiting import Visitors
from pydantic import SecretStr
from support.eventually import eventually
from support.lab import Lab
from support.platform_door import Door, deployment
from support.ports import free_port
from support.proxy import running_proxy
from support.redis_server import redis_server

from minispaces_contract.messages import Artifact, SleepRule
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.docker_engine import DockerEngine
from minispaces_runner.engine import EngineError
from minispaces_runner.settings import RunnerSettings

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.root]
IMAGE = "minispaces/base:3.11-slim"
APPS, BACK_SECONDS, SILENT_SECONDS = 20, 60, 60
NEVER = SleepRule(freeze_after=None, stop_after=None)


LIVE = pytest.mark.parametrize("dockerd", [pytest.param(True, id="live-restore")], indirect=True)
LIVE_OR_NOT = pytest.mark.parametrize(
    "dockerd", [pytest.param(True, id="live-restore"), pytest.param(False, id="plain")], indirect=True
)
"""Without live-restore an engine that begins again ends what it finds running."""


@pytest.fixture(scope="module")
def dockerd(request: pytest.FixtureRequest, base_image: str) -> Iterator[OwnEngine]:
    with TemporaryDirectory(prefix="ms-dockerd-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        made = OwnEngine(Path(folder), live_restore=request.param)
        made.start()
        try:
            made.load(base_image)
            yield made
        finally:
            made.remove()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def lab(dockerd, monkeypatch, short_dir) -> AsyncIterator[Lab]:
    monkeypatch.setenv("DOCKER_HOST", dockerd.host)
    with redis_server(short_dir) as socket:
        client = redis.asyncio.Redis.from_url(f"unix://{socket}")
        async with laboratory(short_dir, client) as made:
            yield made
        await client.aclose()


@asynccontextmanager
async def laboratory(folder: Path, client: redis.asyncio.Redis) -> AsyncIterator[Lab]:
    settings = RunnerSettings(
        data=folder, run=folder, domain="hub.test", apps_domain="apps.test", port=free_port(),
        internal_url=f"http://127.0.0.1:{free_port()}", internal_token=SecretStr("door"), storage="folder",
        edge_key=SecretStr("k" * 43), redis_url=f"unix://{folder}/redis.sock", app_subnet="10.219.0.0/16",
    )  # fmt: skip
    engine = await DockerEngine.open(settings)
    made = Lab(settings, Door(), engine, client)
    try:
        async with made.answering(), running_proxy(settings) as made.proxy, made.running():
            yield made
    finally:
        await engine.clear()
        await engine.aclose()


async def start_apps(lab: Lab, many: int):
    artifact = Artifact(
        kind=ArtifactKind.IMAGE, reference=IMAGE, sdk=Sdk.DOCKER, port=7860,
        command=("python3", "-m", "http.server", "7860", "--directory", "/usr/share"),
    )  # fmt: skip
    drawn = [deployment(1, space=f"ada/app{number}", sleep=NEVER) for number in range(many)]
    specs = [spec.model_copy(update={"artifact": artifact, "startup_seconds": 120}) for spec in drawn]
    await lab.change(*specs)
    for spec in specs:
        await lab.until("running", spec, seconds=300)
    return specs


async def is_seen(lab: Lab) -> bool:
    with suppress(EngineError):
        return [instance.exit for instance in await lab.engine.instances()] == [None]
    return False


async def all_answer(lab: Lab, specs) -> bool:
    answers = await asyncio.gather(*(lab.proxy.get(spec.host) for spec in specs), return_exceptions=True)
    return all(getattr(answer, "status_code", None) == 200 for answer in answers)


@LIVE
async def test_r11_apps_serve_on_while_the_engine_restarts(*, lab, dockerd, rounds, figure):
    (spec,) = await start_apps(lab, 1)
    with Visitors(lab.settings.port, spec.host) as visitors:
        for _ in range(rounds):
            await asyncio.to_thread(dockerd.stop)
            await asyncio.to_thread(dockerd.start)
            await eventually(lambda: is_seen(lab), seconds=BACK_SECONDS)
    figure(f"{rounds} restarts of dockerd, {visitors.seen['200']} answers, failed: {visitors.failed}")
    assert visitors.failed == {}
    newer = spec.model_copy(update={"id": "ada-app0-002"})
    await lab.change(spec, newer)
    await lab.until("running", newer, seconds=120)


@LIVE_OR_NOT
async def test_r12_every_app_is_back_and_none_extra_after_the_engine_was_killed(*, lab, dockerd, figure):
    specs = await start_apps(lab, APPS)
    await asyncio.to_thread(dockerd.kill)
    began = time.monotonic()
    await asyncio.to_thread(dockerd.start)
    await eventually(lambda: all_answer(lab, specs), seconds=BACK_SECONDS)
    figure(f"{APPS} of {APPS} apps answer {time.monotonic() - began:.1f} s after dockerd and containerd were killed")
    await eventually(lambda: len(dockerd.containers()) == APPS)


@LIVE_OR_NOT
async def test_r35_what_happens_while_the_engine_says_nothing_is_noticed_afterwards(*, lab, dockerd, figure):
    specs = await start_apps(lab, 4)
    killed = [dockerd.process_of(spec.id) for spec in specs[1:]]
    with dockerd.held_still():
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(SILENT_SECONDS)
        assert (await lab.proxy.get(specs[0].host)).status_code == 200
    began = time.monotonic()
    await eventually(lambda: all_answer(lab, specs), seconds=BACK_SECONDS)
    figure(
        f"{len(killed)} apps that died in {SILENT_SECONDS} s of silence answer {time.monotonic() - began:.1f} s later"
    )
