"""The supervisor of the embedded parts goes on whatever happens to what it says, and to what the parts keep."""

import asyncio
import shutil
import sys

import pytest
from support.eventually import eventually

from minispaces_platform.embedded.processes import Part
from minispaces_platform.embedded.supervisor import Supervisor


@pytest.fixture
def part(tmp_path):
    """Leaves a line in a folder of its own, says something, and ends."""
    code = f"open({str(tmp_path / 'kept' / 'starts')!r}, 'a').write('x'); print('over')"
    return Part("short", (sys.executable, "-I", "-S", "-c", code), folder=tmp_path / "kept")


def run_until(part, tmp_path, condition, *, output):
    async def go():
        supervisor = Supervisor({}, pids=tmp_path / "pids.json", output=output, warn=lambda _: None)
        await supervisor.start(part)
        try:
            await eventually(condition)
        finally:
            await supervisor.stop(part.name)

    asyncio.run(go())


def starts(part):
    file = part.folder / "starts"
    return len(file.read_text()) if file.exists() else 0


def test_a_part_is_started_again_though_its_words_cannot_be_kept(part, tmp_path):
    def full(_part, _line):
        raise OSError(28, "No space left on device")

    run_until(part, tmp_path, lambda: starts(part) > 1, output=full)


def test_a_part_whose_data_is_gone_begins_with_none(part, tmp_path):
    """Redis would not start without its folder, and with it no build."""
    seen = []

    def forget(_part, line):
        seen.append(line)
        if len(seen) == 1:
            shutil.rmtree(part.folder)

    run_until(part, tmp_path, lambda: len(seen) > 1 and starts(part) == len(seen) - 1, output=forget)
