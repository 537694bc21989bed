"""From what should run to what answers: reconciler, waker and proxy with real processes."""

import pytest
from support.eventually import eventually
from support.platform_door import deployment
from support.proxy import running_proxy

from minispaces_contract import logstream
from minispaces_contract.states import DesiredState

pytestmark = pytest.mark.anyio
DEMO = "ada-demo.apps.test"


async def test_a_deployment_is_said_to_run_when_its_address_answers(lab):
    new = deployment(1)
    await lab.change(new)
    await lab.until("running", new)
    assert (await lab.proxy.get(DEMO)).text == "ada-demo v1 "
    assert lab.door.statuses(new.id)[-1] == "running"
    assert 0 < lab.door.last(new.id).seconds < 10
    lines = await lab.build_log(new)
    assert lines[0] == "-----> Starting the app on port 7860"
    assert lines[1] == "       app: hello from ada-demo v1"
    assert lines[-1].startswith("       The app answered after ")


async def test_the_older_version_serves_until_the_newer_answers_and_is_stopped_after_its_drain(lab):
    old, new = deployment(1), deployment(2, WAIT=0.5)
    await lab.change(old)
    await lab.until("running", old)
    await lab.change(old, new)
    seen = set()

    async def newer_answers():
        answer = await lab.proxy.get(DEMO)
        assert answer.status_code == 200
        seen.add(answer.text)
        return answer.text == "ada-demo v2 "

    await eventually(newer_answers)
    assert seen == {"ada-demo v1 ", "ada-demo v2 "}
    assert {instance.deployment_id for instance in await lab.engine.instances()} == {old.id, new.id}
    await lab.until("stopped", old)
    assert [instance.deployment_id for instance in await lab.engine.instances()] == [new.id]


async def test_a_newer_version_that_fails_leaves_the_older_one_serving_and_says_why(lab):
    old, new = deployment(1), deployment(2, EXIT=3)
    await lab.change(old)
    await lab.until("running", old)
    await lab.change(old, new)
    await lab.until("failed", new)
    report = lab.door.last(new.id)
    assert report.detail == "The app ended with exit code 3."
    assert report.log_tail == ("app: hello from ada-demo v2", "app: giving up")
    assert (await lab.build_log(new))[-2:] == ["       app: giving up", " !!    The app ended with exit code 3."]
    assert (await lab.proxy.get(DEMO)).text == "ada-demo v1 "
    assert lab.engine.starts == [old.id, new.id]


async def test_an_app_that_was_live_and_dies_is_started_again(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    lab.engine.kill(spec.id)
    await eventually(lambda: len(lab.engine.starts) == 2)
    await lab.until("running", spec)
    assert (await lab.proxy.get(DEMO)).status_code == 200


async def test_a_program_that_asks_an_app_which_has_just_died_is_held_until_it_is_back(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    lab.engine.kill(spec.id)
    answer = await lab.proxy.ask("POST", DEMO, content=b"payload", headers={"X-Forwarded-Host": "evil.test"})
    assert answer.status_code == 307
    assert answer.headers["location"] == f"http://{DEMO}/"
    assert (await lab.proxy.ask("POST", DEMO, content=b"payload")).text == "ada-demo v1 payload"


async def test_stopping_takes_the_route_away_and_says_so(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    await lab.change(spec.model_copy(update={"desired": DesiredState.STOPPED}))
    await lab.until("stopped", spec)
    assert await lab.engine.instances() == []
    page = await lab.proxy.get(DEMO, headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "Stopped" in page.text


async def test_what_is_no_longer_wanted_at_all_is_stopped(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)
    await lab.change()
    await eventually(lambda: not lab.engine._apps)
    assert (await lab.proxy.get(DEMO)).status_code == 404


async def test_while_the_runner_restarts_apps_serve_and_afterwards_none_starts_twice(idle, proxy):
    spec = deployment(1)
    async with idle.answering():
        async with idle.running():
            await idle.change(spec)
            await idle.until("running", spec)
        assert (await proxy.get(DEMO)).text == "ada-demo v1 "
        idle.door.heard.clear()
        async with idle.running():
            await eventually(lambda: idle.door.statuses(spec.id) == ["running"])
            assert idle.engine.starts == [spec.id]
            assert (await proxy.get(DEMO)).text == "ada-demo v1 "


async def test_a_machine_that_boots_without_its_platform_serves_its_apps(idle, proxy):
    spec = deployment(1)
    async with idle.answering(), idle.running():
        await idle.change(spec)
        await idle.until("running", spec)
    await idle.engine.clear()
    async with idle.running():

        async def answers():
            return (await proxy.get(DEMO)).text == "ada-demo v1 "

        await eventually(answers)


async def test_a_proxy_that_comes_back_serves_and_only_then_a_new_version_is_said_to_run(idle):
    spec = deployment(1)
    async with idle.answering(), idle.running():
        await idle.change(spec)
        await eventually(lambda: idle.engine.starts == [spec.id])
        await eventually(lambda: idle.settings.routes_map.exists() and DEMO in idle.settings.routes_map.read_text())
        assert idle.door.statuses(spec.id) == ["starting"]
        async with running_proxy(idle.settings) as proxy:
            await idle.until("running", spec)
            assert (await proxy.get(DEMO)).status_code == 200


async def test_an_app_that_its_engine_starts_anew_elsewhere_is_awaited_there(lab):
    spec = deployment(1, WAIT=1, startup_seconds=6)
    await lab.change(spec)
    await eventually(lambda: spec.id in lab.engine._apps)
    await lab.engine.start_anew(spec)
    lab.reconciler.cue()
    await lab.until("running", spec, seconds=20)


async def test_a_start_that_the_engine_refuses_fails_in_its_words(lab):
    spec = deployment(1)
    spec = spec.model_copy(update={"artifact": spec.artifact.model_copy(update={"command": None})})
    await lab.change(spec)
    await lab.until("failed", spec)
    assert lab.door.last(spec.id).detail == "There is nothing to start."


async def test_an_app_on_another_port_fails_with_the_address_it_listens_on(lab):
    spec = deployment(1, LISTEN=8000, startup_seconds=5)
    await lab.change(spec)
    await lab.until("failed", spec)
    assert lab.door.last(spec.id).detail == (
        "Nothing answered after 5 seconds: nothing listens on port 7860 (seen: 0.0.0.0:8000): bind to 0.0.0.0:7860"
    )


async def test_an_app_that_answers_500_fails_with_its_status(lab):
    spec = deployment(1, STATUS=500, startup_seconds=5)
    await lab.change(spec)
    await lab.until("failed", spec)
    assert "HTTP 500" in lab.door.last(spec.id).detail


async def test_a_404_at_the_root_counts_as_an_answer(lab):
    spec = deployment(1, STATUS=404)
    await lab.change(spec)
    await lab.until("running", spec)


async def test_the_output_of_a_running_app_goes_to_its_log_and_no_longer_to_its_build(lab):
    spec = deployment(1)
    await lab.change(spec)
    await lab.until("running", spec)

    await lab.proxy.get(DEMO, "/say")

    async def is_logged():
        entries = await logstream.read(lab.client, logstream.app_log(spec.id))
        return [entry.text for entry in entries] == ["app: hello from ada-demo v1", "app: something"]

    await eventually(is_logged)
    assert "app: something" not in "".join(await lab.build_log(spec))
