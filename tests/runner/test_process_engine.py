"""What only the process engine can get wrong: starts that are cut off, survivors, and users who are not root."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.engine import EngineError, Exit
from minispaces_runner.process.folder import Folder
from minispaces_runner.process.identity import identify
from minispaces_runner.process.probe import describe_isolation
from minispaces_runner.process.relay import relay_command
from minispaces_runner.process.sandbox import bubblewrap_path, open_sandbox
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

pytestmark = pytest.mark.anyio
ROOM = Path(__file__).resolve().parents[2]
JAIL = [
    "--unshare-pid",
    "--ro-bind",
    "/usr",
    "/usr",
    "--symlink",
    "usr/lib",
    "/lib",
    "--symlink",
    "usr/lib64",
    "/lib64",
]
JOURNEY = "byte_for_byte or can_be_written or neither or restarted or log_lines or stopping or clearing"
RUNNER = """
import asyncio, sys
from pathlib import Path
from minispaces_contract.messages import DeploymentSpec
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

async def run():
    engine = await ProcessEngine.open(RunnerSettings(data=Path(sys.argv[1])))
    await engine.start(DeploymentSpec.model_validate_json(sys.argv[2]))
    print("started", flush=True)
    await asyncio.sleep(600)

asyncio.run(run())
"""


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def settings(short_dir: Path) -> RunnerSettings:
    return RunnerSettings(data=short_dir / "data")


@pytest.fixture
async def engine(settings: RunnerSettings) -> AsyncIterator[ProcessEngine]:
    opened = await ProcessEngine.open(settings)
    yield opened
    await opened.clear()
    await opened.aclose()


@pytest.fixture
def app(settings: RunnerSettings) -> DeploymentSpec:
    folder = settings.data / "bundles" / "b1" / "app"
    folder.mkdir(parents=True)
    shutil.copy(ROOM / "tests" / "support" / "obedient_app.py", folder / "app.py")
    artifact = Artifact(
        kind=ArtifactKind.BUNDLE, reference="bundles/b1", sdk=Sdk.GRADIO, command=("/usr/bin/python3", "-u", "app.py")
    )
    return DeploymentSpec(
        id="d1", space_id="s1", space="a/b", host="h", version=1, commit="c", build_id="b", artifact=artifact
    )


def started(settings: RunnerSettings, deployment_id: str = "d1"):
    state = Folder(settings.data.resolve() / "instances" / deployment_id).read_state()
    assert state is not None
    return state


async def test_apps_outlive_a_runner_that_is_killed(settings, app):
    runner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUNNER, str(settings.data), app.model_dump_json(), stdout=subprocess.PIPE
    )
    assert runner.stdout is not None
    assert await runner.stdout.readline() == b"started\n"
    runner.kill()
    await runner.wait()
    engine = await ProcessEngine.open(settings)
    try:
        (instance,) = await engine.instances()
        assert (instance.deployment_id, instance.exit) == ("d1", None)
        os.kill(started(settings).sandbox.pid, 0)
        await answers(instance)
    finally:
        await engine.clear()


async def answers(instance):
    async with httpx2.AsyncClient(trust_env=False) as http:
        while True:
            try:
                return (await http.get(f"http://{instance.ip}:{instance.port}/")).text
            except httpx2.TransportError:
                await asyncio.sleep(0.02)


async def test_a_start_that_was_cut_off_never_begins_and_is_swept(settings, tmp_path):
    folder = Folder(settings.data.resolve() / "instances" / "d1")
    folder.path.mkdir(parents=True)
    sandbox = open_sandbox(JAIL, ["/usr/bin/touch", "/proc/self/fd/1"], log=folder.log, status=folder.status)
    waiting = identify(sandbox.init_pid)
    os.close(sandbox._gate)
    assert waiting
    assert not waiting.wait(0.2)
    engine = await ProcessEngine.open(settings)
    assert waiting.wait(5)
    assert not folder.path.exists()
    sandbox.process.wait(5)
    await engine.clear()


async def test_killing_everything_leaves_an_end_to_see_and_nothing_to_keep(settings, engine, app):
    await engine.start(app)
    state = started(settings)
    for process in (state.sandbox, state.init):
        os.kill(process.pid, signal.SIGKILL)
    assert all(process.wait(5) for process in (state.sandbox, state.init))
    (instance,) = await engine.instances()
    assert instance.exit in {Exit(), Exit(signal=9)}
    await engine.stop("d1")
    assert await engine.instances() == []


async def test_an_instance_of_an_earlier_boot_has_ended_and_its_pids_are_left_alone(settings, engine, app):
    await engine.start(app)
    folder = Folder(settings.data.resolve() / "instances" / "d1")
    state = started(settings)
    folder.write_state(state.model_copy(update={"boot_id": "another", "init": identify(os.getpid())}))
    (instance,) = await engine.instances()
    assert instance.exit == Exit()
    await engine.stop("d1")
    state.init.send(signal.SIGKILL)
    assert identify(os.getpid())


async def test_a_pid_that_was_given_to_somebody_else_is_not_touched(settings, engine, app):
    await engine.start(app)
    folder = Folder(settings.data.resolve() / "instances" / "d1")
    state = started(settings)
    stranger = await asyncio.create_subprocess_exec("sleep", "600")
    reused = state.init.model_copy(update={"pid": stranger.pid})
    folder.write_state(state.model_copy(update={"init": reused, "sandbox": reused}))
    await engine.stop("d1", grace_seconds=0)
    assert stranger.returncode is None
    stranger.kill()
    assert await stranger.wait() == -signal.SIGKILL
    state.init.send(signal.SIGKILL)


@pytest.mark.parametrize("reference", ["bundles/gone", "../../etc", "/etc", "."])
async def test_a_bundle_that_is_not_there_is_said_in_words(engine, app, reference):
    artifact = app.artifact.model_copy(update={"reference": reference})
    with pytest.raises(EngineError, match="build it again"):
        await engine.start(app.model_copy(update={"artifact": artifact}))
    assert await engine.instances() == []


@pytest.mark.root
async def test_a_spaces_files_are_its_own_also_in_its_next_version(settings, engine, app):
    await engine.start(app)
    await engine.start(app.model_copy(update={"id": "d2"}))
    await engine.start(app.model_copy(update={"id": "d3", "space_id": "s2"}))
    owners = [(settings.data / "instances" / each / "home").stat().st_uid for each in ("d1", "d2", "d3")]
    assert owners[0] == owners[1] != owners[2]
    assert min(owners) >= 20_000


def test_isolation_is_told_as_it_is():
    full = describe_isolation(privileged=True, cgroups=None, unfiltered=None)
    poor = describe_isolation(privileged=False, cgroups=None, unfiltered="it needs root")
    assert "own uid per Space" in full
    assert "outbound network filtered" in full
    assert "own uid" not in poor
    assert "no outbound network (it needs root)" in poor


def test_the_relay_enters_the_user_namespace_only_without_root():
    assert "--user=/proc/self/fd/8" in relay_command(Path("relay.cfg"), network=7, owner=8)
    assert "user" not in " ".join(relay_command(Path("relay.cfg"), network=7, owner=None))


@pytest.mark.root
async def test_without_a_packet_filter_an_app_is_reached_through_a_relay(settings, app, monkeypatch, short_dir):
    for program in ("nsenter", "prlimit", "setpriv"):
        (short_dir / program).symlink_to(f"/usr/bin/{program}")
    monkeypatch.setenv("PATH", str(short_dir))
    engine = await ProcessEngine.open(settings)
    try:
        assert "no outbound network (nft is not installed" in engine.isolation
        instance = await engine.start(app)
        assert instance.ip == "127.0.0.1"
        assert await answers(instance) == "hello"
        os.kill(started(settings).relay.pid, signal.SIGKILL)
        await anext(engine.changes())
        assert [each.exit for each in await engine.instances()] == [Exit()]
    finally:
        await engine.clear()


@pytest.mark.root
def test_an_ordinary_user_gets_the_same_engine(short_dir):
    """The main part of the contract once more, as a user who is nobody."""
    short_dir.chmod(0o777)
    tests = ["tests/contracts/engines", "-k", f"process and not docker and ({JOURNEY})"]
    tests += ["--basetemp", str(short_dir / "temp")]
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    env = {"PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*as_nobody(short_dir), *argv], env=env, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout


def as_nobody(writable: Path) -> list[str]:
    """Run as nobody, who can read the interpreter and the sources even where they lie in somebody's home."""
    shown = [path for path in (Path(sys.base_prefix), Path(sys.prefix), ROOM) if not path.is_relative_to("/usr")]
    hidden = sorted({Path(*path.parts[:2]) for path in shown})
    above = sorted({parent for path in shown for parent in path.parents} - {Path("/"), *hidden})
    words = ["--dev-bind", "/", "/"]
    for path in hidden:
        words += ["--perms", "1777", "--tmpfs", str(path)]
    for path in above:
        words += ["--perms", "0755", "--dir", str(path)]
    for path in shown:
        words += ["--ro-bind", str(path), str(path)]
    nobody = ("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--")
    return [bubblewrap_path(), *words, "--bind", str(writable), str(writable), "--chdir", str(ROOM), "--", *nobody]
