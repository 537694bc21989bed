"""How apps end on every engine: told apart, with their last words, and without a trace."""

import asyncio

import pytest
from support.engines import House, ask, machine_traces, tell, traces

from minispaces_runner.engine import EngineError, Exit

pytestmark = pytest.mark.anyio


async def test_the_end_of_an_app_is_told_by_code_or_signal(house: House) -> None:
    coded, killed = await asyncio.gather(house.run(), house.run())
    assert (await house.engine.instances())[0].exit is None
    await tell(coded, "import os; os._exit(3)")
    await tell(killed, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert await house.ended(coded.deployment_id) == Exit(code=3)
    assert await house.ended(killed.deployment_id) == Exit(signal=9)


async def test_an_app_that_ends_at_once_keeps_its_last_words(house: House) -> None:
    spec = house.spec(
        command=("python3", "-c", "import sys; print('one', file=sys.stderr); sys.exit('no model found')")
    )
    await house.engine.start(spec)
    assert await house.ended(spec.id) == Exit(code=1)
    assert await house.engine.tail(spec.id) == ["one", "no model found"]
    assert await house.engine.tail(spec.id, lines=1) == ["no model found"]


async def test_an_ended_app_can_be_started_again(house: House) -> None:
    spec = house.spec(command=("python3", "-c", ""))
    await house.engine.start(spec)
    await house.ended(spec.id)
    again = await house.engine.start(house.spec().model_copy(update={"id": spec.id}))
    assert await ask(again) == "hello"


async def test_a_command_that_does_not_exist_ends_with_words_and_no_path_of_the_platform(house: House) -> None:
    spec = house.spec(command=("no-such-program",))
    try:
        await house.engine.start(spec)
        await house.ended(spec.id)
        words = " ".join(await house.engine.tail(spec.id))
        assert "no-such-program" in words
    except EngineError as refused:
        words = str(refused)
        assert words
    assert str(house.settings.data) not in words


async def test_an_end_is_hinted_at_once(house: House) -> None:
    instance = await house.run()
    changes = house.engine.changes()
    hinted = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    await _listening_to_changes(house)
    await tell(instance, "import os; os._exit(0)")
    await asyncio.wait_for(hinted, 10)


async def _listening_to_changes(house: House) -> None:
    """Docker tells only those events that come after one has asked: wait until a call has gone there and back."""
    await house.engine.instances()


async def test_stopping_asks_first_and_then_leaves_nothing(house: House) -> None:
    instance = await house.run()
    before = traces(house, instance)
    assert before
    code = """
        import subprocess
        subprocess.Popen(["sleep", "600"], start_new_session=True)
    """
    await ask(instance, code)
    await house.engine.stop(instance.deployment_id)
    assert traces(house, instance) == []
    assert await house.engine.instances() == []
    await house.engine.stop(instance.deployment_id)


async def test_an_app_may_finish_its_work_when_it_is_stopped(house: House) -> None:
    code = "import signal, sys, time; signal.signal(15, lambda *_: (print('bye', flush=True), sys.exit(0)))"
    spec = house.spec(command=("python3", "-c", f"{code}; print('up', flush=True); time.sleep(600)"))
    await house.engine.start(spec)
    lines = house.engine.logs(spec.id)
    assert await anext(lines) == "up"
    stopping = asyncio.ensure_future(house.engine.stop(spec.id))
    assert await anext(lines) == "bye"
    await asyncio.wait_for(stopping, 10)


async def test_an_app_that_will_not_end_is_ended(house: House) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    spec = house.spec(command=("python3", "-c", code))
    await house.engine.start(spec)
    assert await anext(house.engine.logs(spec.id)) == "up"
    await asyncio.wait_for(house.engine.stop(spec.id, grace_seconds=1), 10)
    assert await house.engine.instances() == []


async def test_unknown_deployments_are_nothing_special(house: House) -> None:
    await house.engine.stop("never-heard-of")
    assert [line async for line in house.engine.logs("never-heard-of")] == []
    assert await house.engine.tail("never-heard-of") == []
    assert await house.engine.listening("never-heard-of") == []


@pytest.mark.parametrize("bad", ["../escape", "a/b", "", "-x", "a" * 100, "a\nb"])
async def test_an_id_never_becomes_a_path(house: House, bad: str) -> None:
    with pytest.raises(EngineError):
        await house.engine.start(house.spec().model_copy(update={"id": bad}))


async def test_clearing_removes_every_trace_of_the_engine(house: House) -> None:
    instances = await asyncio.gather(*(house.run() for _ in range(3)))
    await asyncio.wait_for(house.engine.clear(), 30)
    assert [trace for instance in instances for trace in traces(house, instance)] == []
    assert machine_traces(house) == []
