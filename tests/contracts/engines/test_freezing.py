"""Apps that stand still and go on, on every engine."""

import asyncio
from dataclasses import replace

import httpx2
import pytest
from support.engines import House, ask, traces

from minispaces_runner.engine import Instance

pytestmark = pytest.mark.anyio
POLITE = """
import os, runpy, signal
signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), os._exit(0)))
runpy.run_path("app.py")
"""


async def only(house: House) -> Instance:
    (found,) = await house.engine.instances()
    return found


async def is_silent(instance: Instance) -> bool:
    async with httpx2.AsyncClient(trust_env=False, timeout=0.3) as http:
        try:
            await http.get(f"http://{instance.ip}:{instance.port}/")
        except httpx2.ReadTimeout:
            return True
    return False


async def test_a_frozen_app_keeps_its_memory_and_goes_on_when_it_thaws(house: House) -> None:
    instance = await house.run()
    await ask(instance, "import sys; sys.kept = 'kept'")
    assert await house.engine.freeze(instance.deployment_id)
    assert (await only(house)).frozen
    assert await is_silent(instance)
    await house.engine.thaw(instance.deployment_id)
    assert not (await only(house)).frozen
    assert await ask(instance, "import sys; answer = sys.kept") == "kept"


async def test_a_new_runner_finds_a_frozen_app_frozen_and_its_memory_may_go_to_swap(house: House) -> None:
    instance = await house.run()
    await house.engine.freeze(instance.deployment_id)
    await house.engine.aclose()
    house.engine = await house.open(house.settings)
    assert await only(house) == replace(instance, frozen=True)
    await house.engine.page_out(instance.deployment_id)
    await house.engine.thaw(instance.deployment_id)
    assert await ask(instance) == "hello"


async def test_freezing_and_thawing_twice_or_what_is_not_there_is_fine(house: House) -> None:
    instance = await house.run()
    await house.engine.thaw(instance.deployment_id)
    await house.engine.freeze(instance.deployment_id)
    await house.engine.freeze(instance.deployment_id)
    await house.engine.thaw(instance.deployment_id)
    await house.engine.thaw(instance.deployment_id)
    assert await ask(instance) == "hello"
    await house.engine.thaw("0" * 32)
    await house.engine.page_out("0" * 32)
    assert not await house.engine.freeze("0" * 32)


async def test_a_frozen_app_is_stopped_as_politely_as_any_other(house: House) -> None:
    instance = await house.run(command=("python3", "-c", POLITE))
    lines: list[str] = []

    async def follow() -> None:
        lines.extend([line async for line in house.engine.logs(instance.deployment_id)])

    following = asyncio.create_task(follow())
    await house.engine.freeze(instance.deployment_id)
    await house.engine.stop(instance.deployment_id)
    await asyncio.wait_for(following, 20)
    assert "bye" in lines
    assert traces(house, instance) == []
