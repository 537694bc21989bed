"""What every engine must do, asked of the process engine and of a Docker Engine."""

import asyncio
import io
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit

import docker
import httpx2
import pytest

from minispaces_contract.messages import Artifact, DeploymentSpec, Hardware
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.docker_engine import DockerEngine
from minispaces_runner.engine import Engine, EngineError, Exit, Instance
from minispaces_runner.installation import installation_of
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

pytestmark = pytest.mark.anyio
APP = Path(__file__).with_name("obedient_app.py")
ROOT = os.geteuid() == 0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class House:
    """An engine with one app to start, in a data directory of the test's own."""

    kind: str
    open: Callable[[RunnerSettings], Awaitable[Engine]]
    settings: RunnerSettings
    artifact: Artifact
    engine: Engine = field(init=False)

    def spec(self, *arguments: str, space: str = "", **changes: Any) -> DeploymentSpec:
        name = uuid.uuid4().hex
        command = ("python3", "app.py", *arguments)
        artifact = self.artifact.model_copy(update={"command": changes.pop("command", command)})
        return DeploymentSpec(
            id=name,
            space_id=space or f"s{name[:12]}",
            space="ada/demo",
            host="ada-demo.apps.test",
            version=1,
            commit="0" * 40,
            build_id="b1",
            artifact=artifact,
            **changes,
        )

    async def run(self, *arguments: str, **changes: Any) -> Instance:
        """A started app that answers."""
        instance = await self.engine.start(self.spec(*arguments, **changes))
        await ask(instance)
        return instance

    async def ended(self, deployment_id: str) -> Exit:
        while True:
            for instance in await self.engine.instances():
                if instance.deployment_id == deployment_id and instance.exit:
                    return instance.exit
            await asyncio.sleep(0.02)


async def ask(instance: Instance, code: str = "answer = 'hello'") -> str:
    """What the app answers to a piece of Python; waits until it answers at all."""
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        while True:
            try:
                answer = await http.post(f"http://{instance.ip}:{instance.port}/", content=dedent(code))
            except httpx2.TransportError:
                await asyncio.sleep(0.02)
            else:
                return answer.text


async def tell(instance: Instance, code: str) -> None:
    """For what the app does not live to answer."""
    async with httpx2.AsyncClient(trust_env=False, timeout=20) as http:
        with pytest.raises(httpx2.TransportError):
            await http.post(f"http://{instance.ip}:{instance.port}/", content=dedent(code))


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


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
async def house(request: pytest.FixtureRequest, short_dir: Path) -> AsyncIterator[House]:
    settings = RunnerSettings(data=short_dir / "data")
    house = _process_house(request, settings) if request.param == "process" else _docker_house(request, settings)
    house.engine = await house.open(settings)
    try:
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


def _docker_house(request: pytest.FixtureRequest, settings: RunnerSettings) -> House:
    artifact = Artifact(
        kind=ArtifactKind.IMAGE,
        reference=request.getfixturevalue("image"),
        sdk=Sdk.GRADIO,
        env={"HOME": "/home/user", "PYTHONUNBUFFERED": "1"},
    )
    return House("docker", DockerEngine.open, settings, artifact)


async def test_a_started_app_answers_on_its_address(house: House) -> None:
    instance = await house.run()
    assert await ask(instance) == "hello"
    assert await house.engine.instances() == [instance]


async def test_starting_a_started_app_returns_it(house: House) -> None:
    spec = house.spec()
    assert await house.engine.start(spec) == await house.engine.start(spec)


async def test_two_apps_may_have_the_same_port_in_their_code(house: House) -> None:
    one, two = await asyncio.gather(house.run(env={"NAME": "one"}), house.run(env={"NAME": "two"}))
    name = "import os; answer = os.environ['NAME']"
    assert [await ask(one, name), await ask(two, name)] == ["one", "two"]


async def test_a_second_deployment_of_a_space_runs_beside_the_first(house: House) -> None:
    old = await house.run(space="same")
    new = await house.run(space="same")
    await house.engine.stop(old.deployment_id)
    assert await ask(new) == "hello"


async def test_variables_arrive_byte_for_byte(house: House) -> None:
    values = {
        "LINES": "one\ntwo\n",
        "QUOTES": "\"double\" 'single' `tick` $HOME \\n",
        "WORDS": "žluťoučký 火 🚀",
        "EMPTY": "",
        "TRAILING": "blank ",
    }
    instance = await house.run(env=values)
    got = {name: await ask(instance, f"import os; answer = os.environ[{name!r}]") for name in values}
    assert got == values


async def test_no_secret_stands_in_a_command_line(house: House) -> None:
    await house.run(env={"TOKEN": "tell-nobody-27182818"})
    lines = [_read(each / "cmdline") for each in Path("/proc").iterdir() if each.name.isdigit()]
    assert any("app.py" in line for line in lines)
    assert not any("27182818" in line for line in lines)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""


async def test_files_can_be_written_where_apps_write_and_nowhere_else(house: House) -> None:
    instance = await house.run()
    code = """
        import os, pathlib
        def try_to(folder):
            try:
                (pathlib.Path(folder) / "written").write_text("x")
                return "yes"
            except OSError:
                return "no"
        folders = ["/home/user/app", os.environ["HOME"], "/tmp", "/dev/shm", "/", "/etc", "/usr", "/root"]
        answer = " ".join(map(try_to, folders))
    """
    assert await ask(instance, code) == "yes yes yes yes no no no no"


async def test_an_app_sees_no_data_of_the_platform_and_no_process_of_others(house: House) -> None:
    await house.run(env={"NAME": "other"})
    instance = await house.run()
    code = f"""
        import os
        def entries(folder):
            try:
                return os.listdir(folder)
            except OSError:
                return []
        seen = entries({str(house.settings.data)!r}) + entries({str(house.settings.data / "instances")!r})
        processes = sum(name.isdigit() for name in os.listdir("/proc"))
        answer = (sorted(seen), processes < 6, os.getuid() != 0)
    """
    expected = ["environments"] if house.kind == "process" else []
    assert await ask(instance, code) == str((expected, True, True))


async def test_an_app_has_no_rights_of_root_and_cannot_get_any(house: House) -> None:
    instance = await house.run()
    code = """
        status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
        answer = int(status["CapEff"], 16), int(status["CapBnd"], 16), int(status["NoNewPrivs"])
    """
    assert await ask(instance, code) == "(0, 0, 1)"


CONNECT = """
    import socket
    def reach(host, port):
        try:
            socket.create_connection((host, port), timeout=0.7).close()
            return True
        except OSError:
            return False
"""


async def test_an_app_reaches_neither_another_app_nor_the_machine(house: House) -> None:
    other, instance = await asyncio.gather(house.run(), house.run())
    with _service() as port:
        assert all([await _answers(address, port) for address in _addresses()])
        targets = [(address, port) for address in [*_addresses(), *_gateways(instance)]]
        code = dedent(CONNECT) + f"answer = [reach(*each) for each in {[(other.ip, other.port), *targets]!r}]"
        assert set(await ask(instance, code)) & {"T"} == set()
    assert await ask(other) == "hello"


@pytest.mark.root
@pytest.mark.network
async def test_an_app_reaches_the_internet_by_name(house: House) -> None:
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    where = (urlsplit(index).hostname, urlsplit(index).port or 443)
    instance = await house.run()
    assert await ask(instance, dedent(CONNECT) + f"answer = reach(*{where!r})") == "True"


@contextmanager
def _service() -> Iterator[int]:
    """Something on this machine that listens on every address, as careless services do."""
    with closing(socket.create_server(("0.0.0.0", 0))) as server:
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def _accept(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


def _addresses() -> list[str]:
    listed = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    return ["127.0.0.1", *(address for address in listed if ":" not in address)]


def _gateways(instance: Instance) -> list[str]:
    return [str(instance.ip.rpartition(".")[0]) + "." + str(int(instance.ip.rpartition(".")[2]) - 1)]


async def _answers(address: str, port: int) -> bool:
    _reader, writer = await asyncio.open_connection(address, port)
    writer.close()
    return True


async def test_the_end_of_an_app_is_told_by_code_or_signal(house: House) -> None:
    coded, killed = await asyncio.gather(house.run(), house.run())
    assert (await house.engine.instances())[0].exit is None
    await tell(coded, "import os; os._exit(3)")
    await tell(killed, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert await house.ended(coded.deployment_id) == Exit(code=3)
    assert await house.ended(killed.deployment_id) == Exit(signal=9)


async def test_an_app_that_ends_at_once_keeps_its_last_words(house: House) -> None:
    spec = house.spec(
        command=("python3", "-c", "import sys; print('one', file=sys.stderr); sys.exit('no model found')")
    )
    await house.engine.start(spec)
    assert await house.ended(spec.id) == Exit(code=1)
    assert await house.engine.tail(spec.id) == ["one", "no model found"]
    assert await house.engine.tail(spec.id, lines=1) == ["no model found"]


async def test_an_ended_app_can_be_started_again(house: House) -> None:
    spec = house.spec(command=("python3", "-c", ""))
    await house.engine.start(spec)
    await house.ended(spec.id)
    again = await house.engine.start(house.spec().model_copy(update={"id": spec.id}))
    assert await ask(again) == "hello"


async def test_a_command_that_does_not_exist_ends_with_words_and_no_path_of_the_platform(house: House) -> None:
    spec = house.spec(command=("no-such-program",))
    try:
        await house.engine.start(spec)
        await house.ended(spec.id)
        words = " ".join(await house.engine.tail(spec.id))
        assert "no-such-program" in words
    except EngineError as refused:
        words = str(refused)
        assert words
    assert str(house.settings.data) not in words


@pytest.mark.root
async def test_an_app_that_wants_too_much_memory_is_ended_and_nobody_else(house: House) -> None:
    greedy, modest = await asyncio.gather(house.run(hardware=Hardware(memory_mb=96)), house.run())
    await tell(greedy, "kept = [bytearray(b'x') * (1 << 24) for _ in range(64)]")
    ended = await house.ended(greedy.deployment_id)
    assert (ended.out_of_memory, ended.signal) == (True, 9)
    assert await ask(modest) == "hello"


@pytest.mark.root
async def test_an_app_cannot_have_more_than_five_hundred_processes(house: House) -> None:
    instance = await house.run()
    code = """
        import subprocess
        made = []
        try:
            while len(made) < 600:
                made.append(subprocess.Popen(["sleep", "60"]))
        except OSError:
            pass
        for each in made:
            each.kill()
        answer = 400 < len(made) < 512
    """
    assert await ask(instance, code) == "True"


async def test_log_lines_come_as_they_are_written_and_end_with_the_app(house: House) -> None:
    instance = await house.run()
    lines = house.engine.logs(instance.deployment_id)
    assert [await anext(lines), await anext(lines)] == ["app begins", "app listens"]
    await ask(instance, "print('now \\x1b[1mthis\\x1b[0m 火', flush=True)")
    assert await anext(lines) == "now \x1b[1mthis\x1b[0m 火"
    await tell(instance, "import os, sys; sys.stdout.write('unfinished'); sys.stdout.flush(); os._exit(0)")
    assert [line async for line in lines] == ["unfinished"]


async def test_logs_go_on_where_they_were_left_also_after_a_restart_of_the_runner(house: House) -> None:
    instance = await house.run()
    lines = house.engine.logs(instance.deployment_id)
    assert await anext(lines) == "app begins"
    await lines.aclose()  # type: ignore[attr-defined]  a generator, in both engines
    await house.engine.aclose()
    house.engine = await house.open(house.settings)
    rest = house.engine.logs(instance.deployment_id)
    assert await anext(rest) == "app listens"
    await rest.aclose()  # type: ignore[attr-defined]  as above


async def test_a_very_long_line_is_read_whole_or_in_pieces_but_never_lost(house: House) -> None:
    spec = house.spec(command=("python3", "-c", "print('x' * 40_000); print('end')"))
    await house.engine.start(spec)
    lines = [line async for line in house.engine.logs(spec.id)]
    assert ("".join(lines[:-1]), lines[-1]) == ("x" * 40_000, "end")


async def test_a_restarted_runner_finds_its_apps_again(house: House) -> None:
    instance = await house.run()
    await house.engine.aclose()
    house.engine = await house.open(house.settings)
    assert await house.engine.instances() == [instance]
    assert await ask(instance) == "hello"
    await tell(instance, "import os; os._exit(4)")
    assert await house.ended(instance.deployment_id) == Exit(code=4)


async def test_an_end_is_hinted_at_once(house: House) -> None:
    instance = await house.run()
    changes = house.engine.changes()
    hinted = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    await _listening_to_changes(house)
    await tell(instance, "import os; os._exit(0)")
    await asyncio.wait_for(hinted, 10)


async def _listening_to_changes(house: House) -> None:
    """Docker tells only those events that come after one has asked: wait until a call has gone there and back."""
    await house.engine.instances()


async def test_stopping_asks_first_and_then_leaves_nothing(house: House) -> None:
    instance = await house.run()
    before = _traces(house, instance)
    assert before
    code = """
        import subprocess
        subprocess.Popen(["sleep", "600"], start_new_session=True)
    """
    await ask(instance, code)
    await house.engine.stop(instance.deployment_id)
    assert _traces(house, instance) == []
    assert await house.engine.instances() == []
    await house.engine.stop(instance.deployment_id)


async def test_an_app_may_finish_its_work_when_it_is_stopped(house: House) -> None:
    code = "import signal, sys, time; signal.signal(15, lambda *_: (print('bye', flush=True), sys.exit(0)))"
    spec = house.spec(command=("python3", "-c", f"{code}; print('up', flush=True); time.sleep(600)"))
    await house.engine.start(spec)
    lines = house.engine.logs(spec.id)
    assert await anext(lines) == "up"
    stopping = asyncio.ensure_future(house.engine.stop(spec.id))
    assert await anext(lines) == "bye"
    await asyncio.wait_for(stopping, 10)


async def test_an_app_that_will_not_end_is_ended(house: House) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    spec = house.spec(command=("python3", "-c", code))
    await house.engine.start(spec)
    assert await anext(house.engine.logs(spec.id)) == "up"
    await asyncio.wait_for(house.engine.stop(spec.id, grace_seconds=1), 10)
    assert await house.engine.instances() == []


async def test_unknown_deployments_are_nothing_special(house: House) -> None:
    await house.engine.stop("never-heard-of")
    assert [line async for line in house.engine.logs("never-heard-of")] == []
    assert await house.engine.tail("never-heard-of") == []
    assert await house.engine.listening("never-heard-of") == []


@pytest.mark.parametrize("bad", ["../escape", "a/b", "", "-x", "a" * 100, "a\nb"])
async def test_an_id_never_becomes_a_path(house: House, bad: str) -> None:
    with pytest.raises(EngineError):
        await house.engine.start(house.spec().model_copy(update={"id": bad}))


async def test_listening_says_where(house: House) -> None:
    everywhere, inside = await house.run(), await house.engine.start(house.spec("127.0.0.1"))
    assert "0.0.0.0:7860" in await house.engine.listening(everywhere.deployment_id)
    lines = house.engine.logs(inside.deployment_id)
    assert [await anext(lines), await anext(lines)] == ["app begins", "app listens"]
    await lines.aclose()  # type: ignore[attr-defined]  a generator, in both engines
    assert "127.0.0.1:7860" in await house.engine.listening(inside.deployment_id)


async def test_the_wrong_kind_of_artifact_is_refused_in_words(house: House) -> None:
    other = {ArtifactKind.IMAGE: ArtifactKind.BUNDLE, ArtifactKind.BUNDLE: ArtifactKind.IMAGE}
    spec = house.spec()
    artifact = spec.artifact.model_copy(update={"kind": other[spec.artifact.kind]})
    with pytest.raises(EngineError, match="build it again"):
        await house.engine.start(spec.model_copy(update={"artifact": artifact}))


async def test_gpus_that_are_not_there_are_said_in_words_and_leave_nothing(house: House) -> None:
    spec = house.spec(hardware=Hardware(gpus=1))
    with pytest.raises(EngineError, match="choose CPU hardware"):
        await house.engine.start(spec)
    assert await house.engine.instances() == []
    assert _traces_of(house, spec.id) == []


async def test_clearing_removes_every_trace_of_the_engine(house: House) -> None:
    instances = await asyncio.gather(*(house.run() for _ in range(3)))
    await asyncio.wait_for(house.engine.clear(), 30)
    assert [trace for instance in instances for trace in _traces(house, instance)] == []
    assert _machine_traces(house) == []


async def test_it_says_in_one_line_what_keeps_apps_apart(house: House) -> None:
    assert house.engine.isolation.startswith(f"{house.kind}: ")
    assert "\n" not in house.engine.isolation


def _traces(house: House, instance: Instance) -> list[str]:
    return _traces_of(house, instance.deployment_id)


def _traces_of(house: House, deployment_id: str) -> list[str]:
    """Whatever on the machine still bears the deployment's id: processes, mounts, groups, folders, containers."""
    found = [f"folder {house.settings.data}"] if (house.settings.data / "instances" / deployment_id).exists() else []
    for process in Path("/proc").iterdir():
        signs = ("cgroup", "mountinfo") if process.name.isdigit() else ()
        found += [f"process {process.name}" for sign in signs if deployment_id in _read(process / sign)]
    for controller in Path("/sys/fs/cgroup").glob("*"):
        found += [str(each) for each in controller.glob(f"*/{deployment_id}")]
    if house.kind == "docker":
        listed = docker.from_env().containers.list(all=True, filters={"name": deployment_id})
        found += [f"container {each.name}" for each in listed]
    return found


def _machine_traces(house: House) -> list[str]:
    """Interfaces, groups, networks and rules of this installation."""
    mine = installation_of(house.settings.data)
    found = [each.name for each in Path("/sys/class/net").iterdir() if each.name.startswith(mine.interface_prefix)]
    found += [str(each) for each in Path("/sys/fs/cgroup").glob(f"*/{mine.cgroup}")]
    if ROOT:
        rules = subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True, check=True).stdout
        found += [line for line in rules.splitlines() if mine.table in line or mine.interface_prefix in line]
    return found
