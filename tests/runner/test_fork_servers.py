"""What only fork servers can get wrong. That a forked app is as confined as any, the engines' contract tests say."""

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.engines import APP, House, ask

from minispaces_contract.messages import Artifact, DeploymentSpec
from minispaces_contract.states import ArtifactKind, Sdk
from minispaces_runner.process.folder import Folder
from minispaces_runner.process.forkserver.fork import fork
from minispaces_runner.process.forkserver.kinds import Program
from minispaces_runner.process.forkserver.server import Server
from minispaces_runner.process.identity import identify
from minispaces_runner.process.jail import Jail
from minispaces_runner.process_engine import ProcessEngine
from minispaces_runner.settings import RunnerSettings

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def plain_environment(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("environments") / "plain"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


@pytest.fixture
async def house(short_dir, plain_environment):
    """An engine whose environment holds an SDK of two lines, and a fork server that is ready."""
    data = short_dir / "data"
    app = data / "bundles" / "s1" / "b1" / "app"
    app.mkdir(parents=True)
    shutil.copy(APP, app / "app.py")
    environment = data / "environments" / "e1"
    shutil.copytree(plain_environment, environment, symlinks=True)
    packages = next(environment.glob("lib/python3*/site-packages"))
    (packages / "gradio.py").write_text("import os\nSEEN = dict(os.environ)\n")
    artifact = Artifact(
        kind=ArtifactKind.BUNDLE,
        reference="bundles/s1/b1",
        environment="environments/e1",
        sdk=Sdk.GRADIO,
        env={"PYTHONUNBUFFERED": "1", "GRADIO_THEME": "huggingface"},
    )
    house = House("process", ProcessEngine.open, RunnerSettings(data=data), artifact, forks=True)
    house.engine = await ProcessEngine.open(house.settings)
    await warm(house)
    yield house
    await house.engine.clear()
    await house.engine.aclose()


async def warm(house: House) -> None:
    await house.engine.warm(house.spec())
    while not await house.engine.is_warm(house.spec()):  # noqa: ASYNC110  another process
        await asyncio.sleep(0.02)


def only_server(house: House) -> Server:
    (path,) = house.settings.data.resolve().glob("forkservers/*/")
    return Server(path)


def started(house: House, deployment_id: str):
    return Folder(house.settings.data.resolve() / "instances" / deployment_id).read_state()


def change(house: House, name: str, text: str) -> None:
    (house.settings.data / "bundles" / "s1" / "b1" / "app" / name).write_text(text)


async def start(house: House, **changes) -> DeploymentSpec:
    spec = house.spec(**changes)
    await house.engine.start(spec)
    await house.engine.settled(spec.id)
    return spec


async def lines(house: House, spec: DeploymentSpec) -> str:
    return "\n".join(await house.engine.tail(spec.id))


@pytest.mark.root
async def test_a_server_has_no_rights_no_network_no_secrets_and_no_disk(house):
    running = only_server(house).read()
    (program,) = Path(f"/proc/{running.init.pid}/task/{running.init.pid}/children").read_text().split()
    process = Path("/proc", program)
    status = dict(re.findall(r"^(\w+):\t(.*)$", (process / "status").read_text(), re.MULTILINE))
    assert {status[each] for each in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], int(status["Uid"].split()[0]) >= 20_000) == ("1", True)
    assert [line.split(":")[0].strip() for line in (process / "net/dev").read_text().splitlines()[2:]] == ["lo"]
    names = {word.split(b"=")[0].decode() for word in (process / "environ").read_bytes().split(b"\0") if word}
    assert not [name for name in names if name.startswith("MINISPACES")]
    mounts = [line.split() for line in (process / "mountinfo").read_text().splitlines()]
    writable = {each[4] for each in mounts if "rw" in each[5].split(",") and each[8] != "tmpfs"}
    assert writable <= {"/home/user", "/dev/pts", "/proc", *(each[4] for each in mounts if each[4].startswith("/dev/"))}
    assert (only_server(house).path / "home").stat().st_uid == 0


@pytest.mark.root
async def test_apps_of_one_server_have_users_files_and_numbers_of_their_own(house):
    first, second = [await house.run() for _ in range(2)]
    code = "import os, random; open('/tmp/mine', 'x').close(); answer = (os.getuid(), random.random())"
    (one, drawn), (other, drawn_too) = [eval(await ask(each, code)) for each in (first, second)]
    assert one == other == 1000
    assert drawn != drawn_too
    homes = [house.settings.data / "instances" / each.deployment_id / "home" for each in (first, second)]
    assert len({home.stat().st_uid for home in homes}) == 2


@pytest.mark.root
async def test_a_forked_app_is_a_program_like_any_other(house):
    instance = await house.run("0.0.0.0", env={"NAME": "x"})
    code = """
        import sys, os, multiprocessing.process, tempfile
        main = sys.modules["__main__"]
        answer = (main.__name__, main.__file__, sys.argv, sys.path[0], os.environ["NAME"],
                  multiprocessing.process.ORIGINAL_DIR,
                  tempfile.gettempdir(), open("/proc/self/cmdline").read().strip(chr(0)).split(chr(0)),
                  [each for each in sys.modules if "minispaces" in each])
    """
    expected = ("__main__", "app.py", ["app.py", "0.0.0.0"], "/home/user/app", "x", "/home/user/app")
    assert eval(await ask(instance, code)) == (*expected, "/tmp", ["python", "app.py", "0.0.0.0"], [])


@pytest.mark.root
async def test_an_app_that_ends_before_it_listens_is_started_plainly_and_remembered(house):
    change(
        house, "app.py", "import sys; print('begun'); sys.exit(0 if hasattr(sys.modules.get('gradio'), 'SEEN') else 7)"
    )
    spec = await start(house)
    assert (await house.ended(spec.id)).code == 7
    assert await lines(house, spec) == (
        "begun\n[This app cannot be started the fast way: it ended before it listened. It is started the ordinary way.]"
        "\nbegun"
    )
    again = await start(house)
    assert await lines(house, again) == "begun"


@pytest.mark.root
async def test_an_app_that_hangs_in_a_fork_is_started_plainly_and_remembered(house):
    hang = "import sys, time\nif hasattr(sys.modules.get('gradio'), 'SEEN'): time.sleep(600)\n"
    change(house, "app.py", hang + APP.read_text())
    spec = await start(house, startup_seconds=2)
    reason = "it did nothing for 0.5 s, and did not listen"
    said = f"[This app cannot be started the fast way: {reason}. It is started the ordinary way.]"
    assert (await lines(house, spec)).splitlines() == [said, "app begins", "app listens"]
    assert not started(house, spec.id).forked
    again = await start(house)
    assert (await lines(house, again)).splitlines() == ["app begins", "app listens"]


@pytest.mark.root
async def test_a_fork_that_calculates_before_it_listens_is_left_alone(house):
    work = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass\n"
    change(house, "app.py", work + APP.read_text())
    spec = await start(house, startup_seconds=2)
    assert started(house, spec.id).forked


@pytest.mark.root
async def test_output_is_followed_over_a_second_start(house):
    change(house, "app.py", "print('begun')")
    spec = house.spec()
    await house.engine.start(spec)
    read = [line async for line in house.engine.logs(spec.id)]
    assert [line[:6] for line in read] == ["begun", "[This ", "begun"]


@pytest.mark.root
@pytest.mark.parametrize(
    ("files", "env", "words"),
    [
        ({"gradio.py": "SEEN = 'mine'"}, {}, "its file gradio.py stands for a package that is loaded already"),
        ({"sitecustomize.py": ""}, {}, "its file sitecustomize.py stands for"),
        ({}, {"GRADIO_THEME": "soft"}, "it sets GRADIO_THEME, which is read when packages are loaded"),
    ],
)
async def test_what_a_server_cannot_undo_is_started_plainly_with_a_word(house, files, env, words):
    for name, text in files.items():
        change(house, name, text)
    spec = await start(house, env=env)
    assert words in await lines(house, spec)
    assert not started(house, spec.id).forked


@pytest.mark.root
async def test_errors_are_printed_as_python_prints_them(house):
    change(house, "app.py", "def go():\n    raise ValueError('no')\ngo()\n")
    spec = await start(house)
    forked, plain = (await lines(house, spec)).split("[This app")
    assert forked.strip() == plain.split("]", 1)[1].strip().replace('"/home/user/app/app.py"', '"app.py"')
    assert forked.startswith('Traceback (most recent call last):\n  File "')


@pytest.mark.root
async def test_apps_go_on_when_their_server_is_killed_and_another_takes_over(house):
    before = await house.run()
    only_server(house).end()
    assert await ask(before) == "hello"
    assert not await house.engine.is_warm(house.spec())
    await house.engine.instances()
    await warm(house)
    assert await ask(await house.run()) == await ask(before) == "hello"
    await house.engine.stop(before.deployment_id)
    await house.engine.instances()
    assert only_server(house).is_up()


@pytest.mark.root
async def test_the_next_runner_finds_apps_and_their_server(house):
    before, server = await house.run(), only_server(house).name
    await house.engine.aclose()
    house.engine = await ProcessEngine.open(house.settings)
    assert [each.exit for each in await house.engine.instances()] == [None]
    assert await ask(before) == await ask(await house.run()) == "hello"
    assert only_server(house).name == server


@pytest.mark.root
@pytest.mark.parametrize("memory", [(10, 100), (95, 100)])
async def test_a_server_that_nobody_uses_or_no_memory_is_left_for_ends_and_leaves_nothing(house, monkeypatch, memory):
    forks, running = house.engine._ground.forks, only_server(house).read()
    monkeypatch.setattr("minispaces_runner.process.forkserver.pool.memory", lambda: memory)
    await house.engine.instances()
    assert forks.is_ready(forks.kind(house.spec()), view=running.view) is (memory[0] < 90)
    forks.now = lambda: sum(forks._used.values()) + 3600
    await house.engine.instances()
    assert running.init.wait(10)
    await house.engine.instances()
    assert forks.names() == set()
    assert house.engine._ground.cgroups is None or house.engine._ground.cgroups.names() == []


@pytest.mark.root
async def test_a_server_that_cannot_be_made_is_not_tried_again_and_apps_start_plainly(house):
    only_server(house).kill()
    await house.engine.instances()
    packages = next((house.settings.data / "environments" / "e1").glob("lib/python3*/site-packages"))
    (packages / "gradio.py").write_text("raise SystemExit('broken')")
    await house.engine.warm(house.spec())
    assert only_server(house).read().init.wait(10)
    await house.engine.instances()
    await house.engine.warm(house.spec())
    assert list(house.settings.data.glob("forkservers/*/")) == []
    spec = await start(house)
    assert not started(house, spec.id).forked


@pytest.mark.root
async def test_a_fork_that_was_cut_off_never_begins(house):
    folder = Folder(house.settings.data.resolve() / "instances" / "d1")
    folder.app.mkdir(parents=True)
    shutil.copy(APP, folder.app)
    jail = Jail(home=folder.home, etc=folder.etc, env={}, scratch_bytes=1 << 20, uid=20_001)
    forked = fork(only_server(house).connect(), Program(("app.py",), "app.py"), jail, folder=folder)
    waiting = identify(forked.init_pid)
    assert not waiting.wait(0.1)
    forked._connection.close()
    assert waiting.wait(10)
    assert folder.log.read_text() == ""
