"""Parts that die are started again, and as soon as can be."""

import os
import signal
import sys

import pytest
from support.eventually import eventually

from minispaces_platform.embedded.processes import Part
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
