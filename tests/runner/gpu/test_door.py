"""Apps take leases by `@spaces.GPU` through a door of their own: the real package, in processes of its own."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import minispaces_runner.gpu
from minispaces_runner.gpu.book import Book, Wanted
from minispaces_runner.gpu.door import Door, Terms

pytestmark = pytest.mark.anyio

FOR_APPS = Path(minispaces_runner.gpu.__file__).parent / "for_apps"
ONE = frozenset({"g0"})


class App:
    """Python programs that believe to be apps of one Space."""

    def __init__(self, folder: Path, book: Book, *, space="s1", owner="ada", most=60.0, left=None, grace=0.2) -> None:
        self.stopped = asyncio.Event()
        self.socket = folder / f"{space}.sock"
        self.folder = folder
        self.came = 0
        self.terms = Terms(Wanted(space, owner, ONE, most), left, grace)
        self.door = Door(book, self.socket, self.greet, stop=self.stop)

    def greet(self) -> Terms:
        self.came += 1
        return self.terms

    async def stop(self) -> None:
        self.stopped.set()

    async def run(self, program: str, *, env=None) -> tuple[int, list[str], str]:
        return await self.ended(await self.start(program, env=env))

    async def start(self, program: str, *, env=None) -> asyncio.subprocess.Process:
        given = {"PYTHONPATH": str(FOR_APPS), "MINISPACES_GPU_DOOR": str(self.socket), "PATH": os.defpath}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-c", "import spaces, time, asyncio\n" + program, env=given | (env or {}),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip

    async def ended(self, process) -> tuple[int, list[str], str]:
        out, err = await asyncio.wait_for(process.communicate(), 30)
        return process.returncode, out.decode().splitlines(), err.decode()


async def until(true) -> None:
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.01)


@asynccontextmanager
async def opened(*apps):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(app.door.serve()) for app in apps]
        await until(lambda: all(app.socket.exists() for app in apps))
        yield
        for task in tasks:
            task.cancel()


@pytest.fixture
def book():
    return Book(["g0"])


@pytest.mark.parametrize(
    "program",
    [
        "@spaces.GPU\ndef f(x): return x + 1\nprint(f(1))",
        "@spaces.GPU()\ndef f(x): return x + 1\nprint(f(1))",
        "@spaces.GPU(duration=30)\ndef f(x): return x + 1\nprint(f(1))",
        "@spaces.GPU(duration=lambda x: x * 9)\ndef f(x): return x + 1\nprint(f(1))",
        "@spaces.GPU\ndef f(x):\n  yield x\n  yield x + 1\nprint(list(f(1))[-1])",
        "@spaces.GPU\nasync def f(x): return x + 1\nprint(asyncio.run(f(1)))",
        "@spaces.GPU\nasync def f(x):\n  yield x + 1\nasync def g(): print(await f(1).__anext__())\nasyncio.run(g())",
        "@spaces.GPU\ndef g(x): return x + 1\n@spaces.GPU\ndef f(x): return g(x)\nprint(f(1))",
    ],
)  # fmt: skip
async def test_each_way_of_writing_it_takes_one_lease_and_gives_it_back(book, tmp_path, program):
    app = App(tmp_path, book)
    async with opened(app):
        assert (await app.run(program))[:2] == (0, ["2"])
    (told,) = book.report()
    assert (told.space_id, told.holding, told.waiting) == ("s1", 0, 0)
    assert told.seconds > 0


async def test_without_a_shared_gpu_it_is_a_plain_call(book, tmp_path):
    program = "import os\ndel os.environ['MINISPACES_GPU_DOOR']\n@spaces.GPU\ndef f(x): return x + 1\nprint(f(1))"
    assert (await App(tmp_path, book).run(program))[:2] == (0, ["2"])
    assert book.report() == ()


HOLD = "@spaces.GPU\ndef f():\n  print('in', flush=True)\n  input()\nf()\nprint('out')"


async def test_one_works_at_a_time_and_the_next_one_hears_its_place(book, tmp_path):
    first, second = App(tmp_path, book), App(tmp_path, book, space="s2", owner="bob")
    async with opened(first, second):
        holder = await first.start(HOLD)
        assert await holder.stdout.readline() == b"in\n"
        waiter = await second.start(HOLD)
        await until(lambda: any(each.waiting for each in book.report()))
        told = {each.space_id: each for each in book.report()}
        assert (told["s1"].holding, told["s2"].position) == (1, 1)
        holder.stdin.write(b"\n")
        assert await waiter.stdout.readline() == b"in\n"
        waiter.stdin.write(b"\n")
        assert [(await app.ended(each))[0] for app, each in ((first, holder), (second, waiter))] == [0, 0]


async def test_an_app_that_dies_gives_its_gpu_back(book, tmp_path):
    first, second = App(tmp_path, book), App(tmp_path, book, space="s2", owner="bob")
    async with opened(first, second):
        holder = await first.start(HOLD)
        await holder.stdout.readline()
        holder.kill()
        assert (await second.run("@spaces.GPU\ndef f(): print('in')\nf()"))[1] == ["in"]
        await holder.wait()


@pytest.mark.parametrize(
    "program",
    [
        "@spaces.GPU(duration=1)\ndef f():\n  while True: time.sleep(0.01)\nf()",
        "@spaces.GPU(duration=1)\nasync def f():\n  while True: await asyncio.sleep(0.01)\nasyncio.run(f())",
    ],
)
async def test_a_call_that_holds_it_too_long_ends_when_others_wait(book, tmp_path, program):
    first, second = App(tmp_path, book, grace=20), App(tmp_path, book, space="s2", owner="bob")
    async with opened(first, second):
        holder = await first.start(program)
        await until(lambda: any(each.holding for each in book.report()))
        assert (await second.run("@spaces.GPU\ndef f(): print('in')\nf()"))[1] == ["in"]
        code, _, said = await first.ended(holder)
        assert code == 1
        assert "GPUError" in said or "CancelledError" in said
        assert not first.stopped.is_set()


async def test_an_app_that_does_not_let_go_is_stopped(book, tmp_path):
    first, second = App(tmp_path, book), App(tmp_path, book, space="s2", owner="bob")
    async with opened(first, second):
        reader, writer = await asyncio.open_unix_connection(first.socket)
        writer.write(b'{"seconds": 1}\n')
        assert json.loads(await reader.readline())["granted"]
        other = await second.start("@spaces.GPU\ndef f(): print('in')\nf()")
        assert "taken" in json.loads(await reader.readline())
        await asyncio.wait_for(first.stopped.wait(), 5)
        writer.close()
        assert (await second.ended(other))[1] == ["in"]


async def test_who_has_used_the_minutes_of_the_month_is_told_so(book, tmp_path):
    app = App(tmp_path, book, left=0.0)
    async with opened(app):
        code, _, said = await app.run("@spaces.GPU\ndef f(): pass\nf()")
    assert code == 1
    assert "The GPU minutes of ada for this month are used." in said


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"seconds": -1}\n', b'{"seconds": 1e999}\n', b"[" * 5000 + b"\n"])
async def test_nonsense_at_the_door_is_shown_out(book, tmp_path, line):
    app = App(tmp_path, book)
    async with opened(app):
        reader, writer = await asyncio.open_unix_connection(app.socket)
        writer.write(line)
        assert await reader.read() == b""
        writer.close()
    assert book.report() == ()


async def test_what_else_the_installed_package_has_is_had_from_ours(book, tmp_path):
    (tmp_path / "spaces").mkdir()
    (tmp_path / "spaces" / "__init__.py").write_text("from .more import aoti\ndef GPU(task): raise SystemError\n")
    (tmp_path / "spaces" / "more.py").write_text("aoti = 'compiled'\n")
    app = App(tmp_path, book)
    path = {"PYTHONPATH": f"{FOR_APPS}:{tmp_path}"}
    async with opened(app):
        _, lines, said = await app.run("@spaces.GPU\ndef f(): print(spaces.aoti)\nf()\nspaces.nothing", env=path)
    assert lines == ["compiled"]
    assert "no attribute 'nothing'" in said


async def test_an_app_whose_functions_are_decorated_says_beforehand_that_it_will_ask(book, tmp_path):
    app = App(tmp_path, book)
    async with opened(app):
        assert (await app.run("import spaces"))[0] == 0
        assert app.came == 0
        assert (await app.run("@spaces.GPU\ndef f(): pass\n@spaces.GPU(duration=3)\ndef g(): pass"))[0] == 0
        assert app.came == 1
    assert book.report() == ()


async def test_gradio_which_imports_the_package_in_every_app_finds_what_it_asks_for(book, tmp_path):
    app = App(tmp_path, book)
    async with opened(app):
        assert (await app.run("print(spaces.gradio_auto_wrap(len) is len)"))[1] == ["True"]
