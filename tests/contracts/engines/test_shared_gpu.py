"""An app in its jail takes turns at a shared GPU, and sees no device but its own. The device is simulated."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.engines import House, ask

from minispaces_contract.messages import DesiredWorld, Hardware
from minispaces_contract.usage import GpuUsage
from minispaces_runner.engine import Instance
from minispaces_runner.gpu.book import Book
from minispaces_runner.gpu.devices import Gpu
from minispaces_runner.gpu.doors import Doors
from minispaces_runner.gpu.seats import Seats
from minispaces_runner.ledger import Ledger

pytestmark = pytest.mark.anyio
SHARED = Hardware(name="zero-a10g", memory_mb=512, gpus=1, gpu_shared=True)
T4 = Gpu("GPU-1", GpuUsage(index=0, name="Tesla T4", busy=0, memory=0, memory_total=1))
CALL = """
import os, spaces
@spaces.GPU
def work(): return os.environ["CUDA_VISIBLE_DEVICES"], spaces.__file__
answer = work()
"""


@pytest.fixture
async def book(house: House) -> AsyncIterator[Book]:
    house.engine.seats = Seats(house.settings.gpu_folder, find=lambda: (T4,))
    yield Book(["GPU-1"])


async def sharing(house: House, book: Book, **changes: object) -> tuple[Instance, asyncio.Task[None]]:
    """A started app whose door is open."""
    spec, ledger = house.spec(hardware=SHARED, **changes), Ledger()
    ledger.world = DesiredWorld(deployments=(spec,), routes=())
    doors = asyncio.create_task(Doors(book, house.engine, ledger, longest=60).run())
    instance = await house.engine.start(spec)
    await ask(instance)
    return instance, doors


async def test_a_call_in_the_jail_takes_a_lease_of_its_gpu(house: House, book: Book) -> None:
    instance, doors = await sharing(house, book)
    assert await ask(instance, CALL) == "('GPU-1', '/opt/minispaces-gpu/spaces/__init__.py')"
    async with asyncio.timeout(5):
        while any(each.holding for each in book.report()):  # noqa: ASYNC110 - until the goodbye is heard
            await asyncio.sleep(0.01)
    assert [(each.space_id, each.seconds > 0) for each in book.report()] == [(instance.space_id, True)]
    assert await ask(instance, "import os; answer = os.access('/opt/minispaces-gpu/spaces', os.W_OK)") == "False"
    doors.cancel()


async def test_whose_minutes_are_used_is_told_so_in_the_app(house: House, book: Book) -> None:
    instance, doors = await sharing(house, book, gpu_seconds_left=0.0)
    refused = "import spaces\ntry: spaces.GPU(print)()\nexcept Exception as error: answer = error"
    assert "The GPU minutes of ada for this month are used." in await ask(instance, refused)
    doors.cancel()
