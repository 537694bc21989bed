"""Log lines of apps on every engine, also over a restart of the runner."""

import pytest
from support.engines import House, ask, tell

from minispaces_runner.engine import Exit

pytestmark = pytest.mark.anyio


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
