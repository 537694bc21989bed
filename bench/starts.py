"""Fork servers beside plain starts, and beside bare starts of the same apps: a push, wakes, ten apps' memory.

The push goes through a whole installation. The others use the engine that it leaves behind, on the same data: the
environments are the real builder's.
"""

import asyncio
import os
import subprocess
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from support.git import WorkingTree
from support.installation import Installation, Person, installation
from support.ports import free_port

from bench.measure import Row, alternate, median, seconds, until_answer
from bench.pushes import APP, ROUNDS, begin, start_by_hand
from minispaces_builder.bytecode import COMPILED, compile_argv
from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.process.folder import Folder
from minispaces_runner.process.forkserver.server import Server
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

_GRADIO = {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_SERVER_NAME": "0.0.0.0", "PYTHONUNBUFFERED": "1"}
_STREAMLIT = ("--server.address", "0.0.0.0", "--server.headless", "true", "--server.fileWatcherType", "none")
_WITHOUT_PICTURES = {"MINISPACES_BROWSER": "none"}
"""Pushes follow each other here: one's picture would be taken during the next."""
_TABLE = "import streamlit as st\nst.title('hello')\n"


@dataclass(frozen=True)
class Sample:
    """A demo as people push it."""

    name: str
    sdk: Sdk
    readme: str
    app: str

    @property
    def port(self) -> int:
        return 7860 if self.sdk is Sdk.GRADIO else 8501

    def command(self, port: int) -> tuple[str, ...]:
        ways = ("streamlit", "run", "app.py", "--server.port", str(port), *_STREAMLIT)
        return ways if self.sdk is Sdk.STREAMLIT else ("python", "app.py")


SAMPLES = [
    Sample("Gradio 6", Sdk.GRADIO, "---\nsdk: gradio\nsdk_version: 6.31.0\n---\n", APP.format(marker="six")),
    Sample("Gradio 5", Sdk.GRADIO, "---\nsdk: gradio\nsdk_version: 5.50.0\n---\n", APP.format(marker="five")),
    Sample("Streamlit", Sdk.STREAMLIT, "---\nsdk: streamlit\n---\n", _TABLE),
]


def measure_fast_starts() -> list[Row]:
    with tempfile.TemporaryDirectory() as place, installation("process", environment=_WITHOUT_PICTURES) as at:
        person = at.add_person("ada")
        found = [(each, _push(at, person, each, Path(place))) for each in SAMPLES]
        _compile(at)
        rows = _code_change(at, Path(place) / "changed")
        at.stop()
        for sample, artifact in found:
            rows += asyncio.run(_wakes(at.data, sample, artifact))
        return rows + asyncio.run(_memory(at.data, *found[0]))


def _push(at: Installation, person: Person, sample: Sample, place: Path) -> Artifact:
    """What the builder made of it."""
    before = set((at.data / "environments").glob("*/.complete"))
    name = sample.name.lower().replace(" ", "-")
    files: dict[str, str | bytes] = {"README.md": sample.readme, "app.py": sample.app}
    tree: WorkingTree = person.work_on(name, place / name, files)
    tree.push()
    (made,) = set((at.data / "environments").glob("*/.complete")) - before
    newest = max((at.data / "bundles").glob("*/*"), key=lambda folder: folder.stat().st_mtime)
    return Artifact(
        kind=ArtifactKind.BUNDLE,
        reference=str(newest.relative_to(at.data)),
        sdk=sample.sdk,
        port=sample.port,
        command=sample.command(sample.port),
        env=_GRADIO,
        environment=str(made.parent.relative_to(at.data)),
    )


def _compile(at: Installation) -> None:
    """Now, not at idle priority, which on a busy machine may take for ever."""
    for environment in (at.data / "environments").glob("*/"):
        if argv := compile_argv(environment):
            subprocess.run(argv, check=False)
            (environment / COMPILED).touch()


def _code_change(at: Installation, folder: Path) -> list[Row]:
    demo = begin(at, folder)
    demo.tree.push()
    _await_fork_server(at)
    bare = start_by_hand(demo)
    demo.push_change()
    pushes, bares = alternate(2 * ROUNDS, lambda: demo.push_change()[0], bare)
    floor = f"bare start {seconds(bares)}"
    return [
        Row("push of a code change, fork server", seconds(pushes), floor, median(pushes) / median(bares), "< 0.5 s")
    ]


def _await_fork_server(at: Installation, *, limit: float = 120) -> None:
    begun = time.perf_counter()
    while not any("warm: " in each.read_text() for each in at.data.glob("forkservers/*/log")):
        if time.perf_counter() - begun > limit:
            raise TimeoutError("no fork server")
        time.sleep(0.1)


async def _wakes(data: Path, sample: Sample, artifact: Artifact) -> list[Row]:
    """From the order to start a stopped app until it answers."""
    async with _engine(data) as engine:
        await _warm(engine, artifact)
        taken: dict[str, list[float]] = {"forked": [], "plain": [], "bare": []}
        for _ in range(ROUNDS):
            taken["bare"].append(await asyncio.to_thread(_bare, data, sample, artifact))
            taken["forked"].append(await _start(engine, data, artifact, forked=True))
            taken["plain"].append(await _start(engine, data, artifact, forked=False))
        bare = taken["bare"]
        return [
            Row(f"wake of a stopped {sample.name} app, {how}", seconds(taken[how]), f"bare start {seconds(bare)}",
                median(taken[how]) / median(bare), aim)
            for how, aim in (("forked", "< 0.2"), ("plain", "<= 1.2"))
        ]  # fmt: skip


async def _memory(data: Path, sample: Sample, artifact: Artifact) -> list[Row]:
    async with _engine(data) as engine:
        await _warm(engine, artifact)
        held = {}
        for forked in (True, False):
            specs = [_spec(artifact, forked=forked) for _ in range(10)]
            for spec in specs:
                await _answered(engine, spec)
            held[forked] = _pss(data, specs) if not forked else _pss_of(_server(data))
            for spec in specs:
                await engine.stop(spec.id, grace_seconds=0)
        ours, floor = (f"{held[each] / 1024:.0f} MB" for each in (True, False))
        return [
            Row(f"memory of ten {sample.name} apps, forked", ours, f"plain {floor}", held[True] / held[False], "< 0.5")
        ]


@asynccontextmanager
async def _engine(data: Path) -> AsyncIterator[ProcessEngine]:
    engine = await ProcessEngine.open(RunnerSettings(data=data, port=free_port()))
    try:
        yield engine
    finally:
        await engine.clear()
        await engine.aclose()


def _spec(artifact: Artifact, *, forked: bool = True) -> DeploymentSpec:
    name = uuid.uuid4().hex
    too_early = {} if forked else {"OMP_NUM_THREADS": str(os.cpu_count())}  # no fork server can give an app this
    return DeploymentSpec(
        id=name, space_id=name, space="ada/demo", host="h", version=1, commit="c", build_id="b",
        artifact=artifact, env=too_early,
    )  # fmt: skip


async def _warm(engine: ProcessEngine, artifact: Artifact) -> None:
    await engine.warm(_spec(artifact))
    async with asyncio.timeout(120):
        while not await engine.is_warm(_spec(artifact)):  # noqa: ASYNC110  another process
            await asyncio.sleep(0.1)


async def _start(engine: ProcessEngine, data: Path, artifact: Artifact, *, forked: bool) -> float:
    spec = _spec(artifact, forked=forked)
    taken = await _answered(engine, spec)
    await engine.settled(spec.id)
    state = Folder(data.resolve() / "instances" / spec.id).read_state()
    if state is None or state.forked is not forked:
        raise RuntimeError("\n".join(await engine.tail(spec.id)))
    await engine.stop(spec.id, grace_seconds=0)
    return taken


async def _answered(engine: ProcessEngine, spec: DeploymentSpec) -> float:
    begun = time.perf_counter()
    instance = await engine.start(spec)
    await asyncio.to_thread(until_answer, f"http://{instance.ip}:{instance.port}/")
    return time.perf_counter() - begun


def _bare(data: Path, sample: Sample, artifact: Artifact) -> float:
    port = free_port()
    programs = data / str(artifact.environment) / "bin"
    argv = [str(programs / sample.command(port)[0]), *sample.command(port)[1:]]
    env = {"PATH": os.defpath, "HOME": tempfile.gettempdir(), "GRADIO_SERVER_PORT": str(port), **_GRADIO}
    begun = time.perf_counter()
    with subprocess.Popen(
        argv, cwd=data / artifact.reference / "app", env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until_answer(f"http://127.0.0.1:{port}/")
            return time.perf_counter() - begun
        finally:
            process.kill()


def _server(data: Path) -> int:
    """The outermost process: its apps are below it."""
    (running,) = [found for path in data.glob("forkservers/*/") if (found := Server(path).read())]
    return running.sandbox.pid


def _pss(data: Path, specs: list[DeploymentSpec]) -> int:
    """KiB of all processes of the apps, what several share counted once among them."""
    states = [Folder(data.resolve() / "instances" / spec.id).read_state() for spec in specs]
    return sum(_pss_of(state.sandbox.pid) for state in states if state)


def _pss_of(pid: int) -> int:
    """With all its children."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(_pss_of(int(each)) for each in below)
