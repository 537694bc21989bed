"""Apps that never heard of GPUs in turns take turns all the same: real proxy, real processes, a simulated device."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from support.eventually import eventually
from support.lab import Lab
from support.plain_engine import PlainEngine
from support.platform_door import deployment
from websockets.asyncio.client import connect

from minispaces_contract.messages import Hardware, SleepRule
from minispaces_contract.usage import GpuUsage
from minispaces_runner.gpu.book import Book
from minispaces_runner.gpu.devices import Gpu
from minispaces_runner.gpu.seats import Seats, take_seat

pytestmark = pytest.mark.anyio
T4 = Gpu("GPU-1", GpuUsage(index=0, name="Tesla T4", busy=0, memory=0, memory_total=1))
SHARED = Hardware(name="zero-a10g", memory_mb=256, cpus=0.1, gpus=1, gpu_shared=True)
NEVER = SleepRule(freeze_after=None, stop_after=None)
BROWSER = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
SUPPORT = Path(__file__).parents[2] / "support"


@dataclass
class GpuEngine(PlainEngine):
    """Its apps have seats; those in `stubborn` cannot hold still."""

    given: Seats | None = None
    stubborn: set[str] = field(default_factory=set)

    @property
    def seats(self) -> Seats:
        self.given = self.given or Seats(self.folder / "gpu", find=lambda: (T4,))
        return self.given

    async def start(self, spec):
        take_seat(self.seats, spec)
        return await super().start(spec)

    async def freeze(self, deployment_id):
        return deployment_id not in self.stubborn and await super().freeze(deployment_id)


@pytest.fixture
async def engine() -> AsyncIterator[GpuEngine]:
    engine = GpuEngine()
    yield engine
    await engine.clear()


@pytest.fixture
def longest() -> float:
    """Seconds of a turn while others wait."""
    return 300.0


@pytest.fixture
async def lab(idle: Lab, proxy, longest) -> AsyncIterator[Lab]:
    idle.book, idle.settings.gpu_lease_seconds = Book([T4.id]), longest
    async with idle.answering(), idle.running():
        idle.proxy = proxy
        yield idle


def app(owner, *, program="working_app.py", **more):
    spec = deployment(1, sleep=NEVER)
    names = {"id": f"{owner}-demo-001", "space_id": f"{owner}-demo", "space": f"{owner}/demo", "hardware": SHARED}
    names["host"] = f"{owner}-demo.apps.test"
    names["artifact"] = spec.artifact.model_copy(update={"command": (sys.executable, str(SUPPORT / program))})
    return spec.model_copy(update={**names, "env": {"NAME": owner}, **more})


async def live(lab, *specs):
    await lab.change(*specs)
    for spec in specs:
        await eventually(lambda spec=spec: "running" in lab.door.statuses(spec.id))
    return specs


async def work(lab, spec, seconds, *, path="/"):
    """A prediction that takes so long of the app's own awake time; the moments at which it was worked at."""
    answer = await lab.proxy.ask("POST", spec.host, path, content=str(seconds))
    assert answer.status_code == 200, answer.text
    return [float(moment) for moment in answer.text.split()]


def at_once(one, other):
    """How many moments of either fall between those of the other, but for the few until it is noticed."""
    return min(sum(other[0] <= each <= other[-1] for each in one), sum(one[0] <= each <= one[-1] for each in other))


async def test_requests_of_two_apps_never_work_at_the_same_time(lab):
    ada, bob = await live(lab, app("ada"), app("bob"))
    spans = await asyncio.gather(work(lab, ada, 0.7), work(lab, bob, 0.7), work(lab, ada, 0.7))
    assert max(at_once(spans[0], spans[1]), at_once(spans[2], spans[1])) < 5
    assert {each.space_id: each.seconds > 0.5 for each in lab.book.report()} == {"ada-demo": True, "bob-demo": True}


async def test_an_app_alone_has_no_wait_and_the_gpu_is_its_own_only_while_it_works(lab):
    (ada,) = await live(lab, app("ada"))
    moments = await work(lab, ada, 0.6)
    assert moments[-1] - moments[0] < 2
    await eventually(lambda: not any(each.holding for each in lab.book.report()))
    assert (await lab.proxy.get(ada.host)).status_code == 200
    assert lab.engine.thaws == []


async def test_who_waits_sees_the_place_in_the_queue_and_keeps_it_on_the_page(lab):
    ada, bob = await live(lab, app("ada"), app("bob"))
    first = asyncio.create_task(work(lab, ada, 3))
    await eventually(lambda: any(each.holding for each in lab.book.report()))
    page = await lab.proxy.get(bob.host, headers=BROWSER)
    assert page.status_code == 503
    words = re.search(r'role="status">(.*?)</p>', page.text)[1]
    assert re.fullmatch(r"Waits for its turn at the GPU: number 1 in the queue, about \d+ (s|min)\.", words)
    seen = {"seen": "sleeping", "words": words}
    while seen["seen"] != "running":
        answer = (await lab.proxy.get(bob.host, "/.minispaces/state", params=seen)).json()
        seen = {"seen": answer["state"], "words": answer["words"]}
    assert (await lab.proxy.get(bob.host, headers=BROWSER)).status_code == 200
    await first


@pytest.mark.parametrize("longest", [1.0])
async def test_who_works_on_for_too_long_pauses_for_the_others_and_ends_all_the_same(lab):
    ada, bob = await live(lab, app("ada"), app("bob"))
    long = asyncio.create_task(work(lab, ada, 3))
    await eventually(lambda: any(each.holding for each in lab.book.report()))
    await work(lab, bob, 0.3)
    assert not long.done()
    await long
    assert ada.id in lab.engine.thaws


async def test_an_open_page_without_work_keeps_nobody_waiting_and_is_there_again(lab):
    ada, bob = await live(lab, app("ada", program="talkative_app.py"), app("bob"))
    async with connect(f"ws://{ada.host}/", host="127.0.0.1", port=lab.settings.port, proxy=None) as page:
        await page.send("one" * 50)
        assert await page.recv()
        await work(lab, bob, 0.3)
        await page.send("two" * 50)
        assert (await asyncio.wait_for(page.recv(), 20)).startswith("ada two")


async def test_one_that_asks_itself_is_not_held_to_its_requests(lab):
    ada, bob = await live(lab, app("ada"), app("bob"))
    lab.engine.seats.door_of(ada.id).parent.mkdir(parents=True, exist_ok=True)
    lab.engine.seats.note_that_it_asks(ada.id)
    spans = await asyncio.gather(work(lab, ada, 1.5), work(lab, bob, 1.5))
    assert at_once(*spans) > 20


async def test_one_that_cannot_hold_still_ends_its_work_and_stops_for_the_next(lab):
    ada, bob = app("ada"), app("bob")
    lab.engine.stubborn.add(ada.id)
    await live(lab, ada, bob)
    spans = await asyncio.gather(work(lab, ada, 1), work(lab, bob, 0.3), work(lab, ada, 0.3))
    assert max(at_once(spans[0], spans[1]), at_once(spans[2], spans[1])) < 5


async def test_who_is_woken_by_hand_gets_a_turn_too(lab):
    """As `gradio_client` does before its first call, and waits for it."""
    ada, bob = await live(lab, app("ada"), app("bob"))
    await eventually(lambda: "sleeping" in {lab.door.statuses(each.id)[-1] for each in (ada, bob)})
    parked, awake = sorted((ada, bob), key=lambda each: lab.door.statuses(each.id)[-1] != "sleeping")
    woken = parked.model_copy(update={"sleep": NEVER.model_copy(update={"awake_since": time.time()})})
    await lab.change(woken, awake)
    await lab.until("running", woken)
    await lab.until("sleeping", awake)


async def test_who_has_used_the_minutes_of_the_month_is_told_so(lab, settings):
    settings.hold_seconds = 1
    (ada,) = await live(lab, app("ada", gpu_seconds_left=0.0))
    await lab.until("sleeping", ada, seconds=5)
    answer = await lab.proxy.get(ada.host, headers={"Accept": "application/json"})
    assert (answer.status_code, "The GPU minutes of ada for this month are used." in answer.text) == (503, True)


async def test_a_seat_is_kept_when_a_start_ends_while_the_runner_looks(idle, proxy, late):
    """Two apps were once given the same GPU: the look had seen neither the instance nor its start."""
    idle.engine, idle.proxy = late, proxy
    ada = app("ada")
    async with idle.answering(), idle.running() as late.reconciler:
        await idle.change(ada)
        await late.begun.wait()
        idle.reconciler.cue()
        await idle.until("running", ada)
        assert late.seats.of(ada.id) == (T4.id,)


@dataclass
class LateEngine(GpuEngine):
    """Starts end only while somebody looks at the instances that there were before."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    reconciler: Any = None

    async def start(self, spec):
        self.begun.set()
        await self.looked.wait()
        return await super().start(spec)

    async def instances(self):
        found = await super().instances()
        if self.begun.is_set() and not self.looked.is_set():
            self.looked.set()
            await eventually(lambda: not self.reconciler._starting)
        return found


@pytest.fixture
async def late() -> AsyncIterator[LateEngine]:
    engine = LateEngine()
    yield engine
    await engine.clear()
