"""Parts that die are started again, as soon as can be, and whatever happens to their words and their folders."""

import asyncio
import os
import shutil
import signal
import sys

import pytest
from redis import ConnectionError as RedisAwayError
from redis import Redis
from support.eventually import eventually

from minispaces_platform.embedded.processes import Part, redis_part
from minispaces_platform.embedded.supervisor import Supervisor, program_of

pytestmark = pytest.mark.anyio
BECOMES_ANOTHER = """
import os, sys
open(sys.argv[1], "a").write("prepared ")
os.execv(sys.argv[2], ["touch-and-wait", "-c", "touch $0 && exec sleep 600", sys.argv[3]])
"""


@pytest.fixture
async def supervisor(tmp_path):
    made = Supervisor(os.environ, pids=tmp_path / "pids", output=lambda *_: None, warn=lambda _: None)
    yield made
    await made.stop("proxy", grace_seconds=0)


async def test_a_part_that_made_itself_another_program_is_started_again_as_that(supervisor, tmp_path):
    prepared, ready = tmp_path / "prepared", tmp_path / "ready"
    argv = (sys.executable, "-c", BECOMES_ANOTHER, str(prepared), "/bin/sh", str(ready))
    await supervisor.start(Part("proxy", argv, ready=ready))
    (first,) = pids(supervisor)
    os.killpg(first, signal.SIGKILL)
    await eventually(lambda: pids(supervisor) != [first] and program_of(pids(supervisor)[0]))
    assert prepared.read_text() == "prepared "


def pids(supervisor):
    return [process.pid for process in supervisor._running.values()]


async def test_redis_is_started_again_though_it_calls_itself_otherwise(supervisor, short_dir):
    part = redis_part(short_dir, short_dir)
    await supervisor.start(part)
    (first,), client = pids(supervisor), Redis(unix_socket_path=str(part.ready))
    await eventually(lambda: answers(client))
    shutil.rmtree(part.folder)
    os.killpg(first, signal.SIGKILL)
    await eventually(lambda: pids(supervisor) != [first] and answers(client))
    await supervisor.stop("redis", grace_seconds=1)


def answers(client):
    try:
        return client.ping()
    except RedisAwayError:
        return False


async def test_a_part_is_started_again_though_its_words_cannot_be_kept(supervisor, tmp_path):
    def full(_part, _line):
        raise OSError(28, "No space left on device")

    supervisor._output = full
    starts = tmp_path / "starts"
    await supervisor.start(Part("proxy", ("/bin/sh", "-c", f"echo x | tee -a {starts}")))
    await eventually(lambda: starts.exists() and len(starts.read_text().split()) > 1)


async def test_a_part_that_cannot_be_started_is_tried_again(supervisor, tmp_path):
    program, ready = tmp_path / "program", tmp_path / "ready"
    starting = asyncio.create_task(supervisor.start(Part("proxy", (str(program), str(ready)), ready=ready)))
    await asyncio.sleep(0)
    program.write_text("#!/bin/sh\ntouch $1\nexec sleep 600\n")
    program.chmod(0o755)
    await starting
    assert ready.exists()
