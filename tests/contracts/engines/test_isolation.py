"""What an app must not see, reach or use up, on every engine."""

import asyncio
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from textwrap import dedent
from urllib.parse import urlsplit

import pytest
from support.engines import House, ask, tell

from minispaces_contract.messages import Hardware
from minispaces_runner.engine import Instance

pytestmark = pytest.mark.anyio


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
async def test_an_app_reaches_the_proxy_as_any_visitor_does(house: House) -> None:
    """Where else would an app that signs people in ask the hub?"""
    instance = await house.run()
    with _service(house.settings.port) as port:
        [*_, outside] = _addresses()
        assert await ask(instance, dedent(CONNECT) + f"answer = reach({outside!r}, {port})") == "True"


@pytest.mark.root
@pytest.mark.network
async def test_an_app_reaches_the_internet_by_name(house: House) -> None:
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    where = (urlsplit(index).hostname, urlsplit(index).port or 443)
    instance = await house.run()
    assert await ask(instance, dedent(CONNECT) + f"answer = reach(*{where!r})") == "True"


@contextmanager
def _service(port: int = 0) -> Iterator[int]:
    """Something on this machine that listens on every address, as careless services do."""
    with closing(socket.create_server(("0.0.0.0", port))) as server:
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
