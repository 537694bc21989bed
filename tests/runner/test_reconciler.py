"""From what should run to what answers: reconciler, waker and proxy with real processes."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from minispaces_contract import hints, logstream
from minispaces_contract.client import RunnerDoor
from minispaces_contract.states import DesiredState
from minispaces_runner.__main__ import serve_waker
from minispaces_runner.effects import Effects
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.ledger import Ledger
from minispaces_runner.reconciler import Reconciler
from minispaces_runner.reporter import Reporter
from minispaces_runner.waker import make_waker
from minispaces_runner.world_follower import WorldFollower

pytestmark = pytest.mark.anyio
DEMO = "ada-demo.apps.test"


@asynccontextmanager
async def running(settings, engine, client):
    door = RunnerDoor(settings)
    ledger = Ledger()
    routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
    effects = Effects(engine=engine, routes=routes, reporter=Reporter(door), redis=client, ledger=ledger)
    reconciler = Reconciler(effects, WorldFollower(door, client, ledger=ledger, settings=settings), settings)
    waker = make_waker(ledger, settings, cue=reconciler.cue)
    others = asyncio.all_tasks()
    tasks = [asyncio.create_task(reconciler.run()), asyncio.create_task(serve_waker(waker, settings))]
    try:
        yield
    finally:
        doomed = set(tasks)
        while not all(task.done() for task in tasks):
            for task in doomed:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)
            # Next time everything under them: Python 3.11's wait_for may swallow a cancellation.
            doomed = asyncio.all_tasks() - others - {asyncio.current_task()}
        await door.aclose()
        assert all(task.cancelled() for task in tasks)


@pytest.fixture
def change(door, client):
    async def change(world):
        door.world = world
        await client.publish(hints.WORLD, b"")

    return change


@pytest.fixture
async def runner(settings, door, proxy, engine, client, eventually):
    async with door.open(f"{settings.run}/door.sock"), running(settings, engine, client):
        yield proxy


async def test_a_deployment_is_said_to_run_when_its_address_answers(
    runner, door, change, deployment, world_of, eventually, client
):
    new = deployment(1)
    await change(world_of(new))
    await eventually(lambda: "running" in door.statuses(new.id))
    assert (await runner.get(DEMO)).text == "ada-demo v1 "
    assert door.statuses(new.id)[-1] == "running"
    assert 0 < door.last(new.id).seconds < 10
    lines = [logstream.plain(entry) for entry in await logstream.read(client, logstream.build_log(new.build_id))]
    assert lines[0] == "-----> Starting the app on port 7860"
    assert lines[1] == "       app: hello from ada-demo v1"
    assert lines[-1].startswith("       The app answered after ")


async def test_the_older_version_serves_until_the_newer_answers_and_is_stopped_after_its_drain(
    runner, door, change, deployment, world_of, eventually, engine
):
    old, new = deployment(1), deployment(2, WAIT=0.5)
    await change(world_of(old))
    await eventually(lambda: "running" in door.statuses(old.id))
    await change(world_of(old, new))
    seen = set()

    async def newer_answers():
        answer = await runner.get(DEMO)
        assert answer.status_code == 200
        seen.add(answer.text)
        return answer.text == "ada-demo v2 "

    await eventually(newer_answers)
    assert seen == {"ada-demo v1 ", "ada-demo v2 "}
    assert {instance.deployment_id for instance in await engine.instances()} == {old.id, new.id}
    await eventually(lambda: door.statuses(old.id)[-1] == "stopped")
    assert [instance.deployment_id for instance in await engine.instances()] == [new.id]


async def test_a_newer_version_that_fails_leaves_the_older_one_serving_and_says_why(
    runner, door, change, deployment, world_of, eventually, engine, client
):
    old, new = deployment(1), deployment(2, EXIT=3)
    await change(world_of(old))
    await eventually(lambda: "running" in door.statuses(old.id))
    await change(world_of(old, new))
    await eventually(lambda: "failed" in door.statuses(new.id))
    report = door.last(new.id)
    assert report.detail == "The app ended with exit code 3."
    assert report.log_tail == ("app: hello from ada-demo v2", "app: giving up")
    log = [logstream.plain(entry) for entry in await logstream.read(client, logstream.build_log(new.build_id))]
    assert log[-2:] == ["       app: giving up", " !!    The app ended with exit code 3."]
    assert (await runner.get(DEMO)).text == "ada-demo v1 "
    assert engine.starts == [old.id, new.id]


async def test_an_app_that_was_live_and_dies_is_started_again(
    runner, door, change, deployment, world_of, eventually, engine
):
    spec = deployment(1)
    await change(world_of(spec))
    await eventually(lambda: "running" in door.statuses(spec.id))
    engine.kill(spec.id)
    await eventually(lambda: len(engine.starts) == 2)
    await eventually(lambda: door.statuses(spec.id)[-1] == "running")
    assert (await runner.get(DEMO)).status_code == 200


async def test_a_program_that_asks_an_app_which_has_just_died_is_held_until_it_is_back(
    runner, door, change, deployment, world_of, eventually, engine
):
    spec = deployment(1)
    await change(world_of(spec))
    await eventually(lambda: "running" in door.statuses(spec.id))
    engine.kill(spec.id)
    answer = await runner.ask("POST", DEMO, content=b"payload", headers={"X-Forwarded-Host": "evil.test"})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"http://{DEMO}/"
    assert (await runner.ask("POST", DEMO, content=b"payload")).text == "ada-demo v1 payload"


async def test_stopping_takes_the_route_away_and_says_so(
    runner, door, change, deployment, world_of, eventually, engine
):
    spec = deployment(1)
    await change(world_of(spec))
    await eventually(lambda: "running" in door.statuses(spec.id))
    await change(world_of(spec.model_copy(update={"desired": DesiredState.STOPPED})))
    await eventually(lambda: door.statuses(spec.id)[-1] == "stopped")
    assert await engine.instances() == []
    page = await runner.get(DEMO, headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "Stopped" in page.text


async def test_what_is_no_longer_wanted_at_all_is_stopped(
    runner, door, change, deployment, world_of, eventually, engine
):
    spec = deployment(1)
    await change(world_of(spec))
    await eventually(lambda: "running" in door.statuses(spec.id))
    await change(world_of())
    await eventually(lambda: engine.instances())
    await eventually(lambda: not engine._apps)
    assert (await runner.get(DEMO)).status_code == 404


async def test_while_the_runner_restarts_apps_serve_and_afterwards_none_starts_twice(
    settings, door, proxy, engine, client, change, deployment, world_of, eventually
):
    spec = deployment(1)
    async with door.open(f"{settings.run}/door.sock"):
        async with running(settings, engine, client):
            await change(world_of(spec))
            await eventually(lambda: "running" in door.statuses(spec.id))
        assert (await proxy.get(DEMO)).text == "ada-demo v1 "
        door.heard.clear()
        async with running(settings, engine, client):
            await eventually(lambda: door.statuses(spec.id) == ["running"])
            assert engine.starts == [spec.id]
            assert (await proxy.get(DEMO)).text == "ada-demo v1 "


async def test_a_machine_that_boots_without_its_platform_serves_its_apps(
    settings, door, proxy, engine, client, change, deployment, world_of, eventually
):
    spec = deployment(1)
    async with door.open(f"{settings.run}/door.sock"), running(settings, engine, client):
        await change(world_of(spec))
        await eventually(lambda: "running" in door.statuses(spec.id))
    await engine.clear()
    async with running(settings, engine, client):

        async def answers():
            return (await proxy.get(DEMO)).text == "ada-demo v1 "

        await eventually(answers)


async def test_a_proxy_that_comes_back_serves_and_only_then_a_new_version_is_said_to_run(
    settings, door, engine, client, change, deployment, world_of, eventually, running_proxy
):
    spec = deployment(1)
    async with door.open(f"{settings.run}/door.sock"), running(settings, engine, client):
        await change(world_of(spec))
        await eventually(lambda: engine.starts == [spec.id])
        await eventually(lambda: settings.routes_map.exists() and DEMO in settings.routes_map.read_text())
        assert door.statuses(spec.id) == ["starting"]
        async with running_proxy(settings) as proxy:
            await eventually(lambda: "running" in door.statuses(spec.id))
            assert (await proxy.get(DEMO)).status_code == 200


async def test_a_start_that_the_engine_refuses_fails_in_its_words(
    runner, door, change, deployment, world_of, eventually
):
    spec = deployment(1)
    spec = spec.model_copy(update={"artifact": spec.artifact.model_copy(update={"command": None})})
    await change(world_of(spec))
    await eventually(lambda: "failed" in door.statuses(spec.id))
    assert door.last(spec.id).detail == "There is nothing to start."


async def test_an_app_on_another_port_fails_with_the_address_it_listens_on(
    runner, door, change, deployment, world_of, eventually
):
    spec = deployment(1, LISTEN=8000, startup_seconds=1.5)
    await change(world_of(spec))
    await eventually(lambda: "failed" in door.statuses(spec.id))
    assert door.last(spec.id).detail == (
        "Nothing answered after 1.5 seconds: nothing listens on port 7860 (seen: 0.0.0.0:8000): bind to 0.0.0.0:7860"
    )


async def test_an_app_that_answers_500_fails_with_its_status(runner, door, change, deployment, world_of, eventually):
    spec = deployment(1, STATUS=500, startup_seconds=1)
    await change(world_of(spec))
    await eventually(lambda: "failed" in door.statuses(spec.id))
    assert "HTTP 500" in door.last(spec.id).detail


async def test_a_404_at_the_root_counts_as_an_answer(runner, door, change, deployment, world_of, eventually):
    spec = deployment(1, STATUS=404)
    await change(world_of(spec))
    await eventually(lambda: "running" in door.statuses(spec.id))


async def test_the_output_of_a_running_app_goes_to_its_log_and_no_longer_to_its_build(
    runner, door, change, deployment, world_of, eventually, client
):
    spec = deployment(1)
    await change(world_of(spec))
    await eventually(lambda: "running" in door.statuses(spec.id))

    async def logged():
        return [entry.text for entry in await logstream.read(client, logstream.app_log(spec.id))]

    async def has_line():
        return await logged() == ["app: hello from ada-demo v1"]

    await eventually(has_line)
