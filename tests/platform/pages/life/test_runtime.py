"""The runtime for programs, in the Hub's words; each change is told to the runner."""

import pytest
from sqlalchemy import select

from minispaces_contract.messages import InstanceReport
from minispaces_contract.states import InstanceStatus, Sdk
from minispaces_platform.database import now
from minispaces_platform.deployments import service
from minispaces_platform.deployments.world import desired_world
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.deployments import Deployment

API = "/api/spaces/ada/hello"


@pytest.fixture
def space(world, ada):
    return world.add_live_space(ada, "hello")


@pytest.fixture
def report(parts, space):
    """The runner says what became of the newest deployment."""

    def report(status: InstanceStatus, detail: str | None = None) -> None:
        with parts.database.writing() as session:
            newest = session.scalars(select(Deployment.id).order_by(Deployment.id.desc())).first()
            told = InstanceReport(deployment_id=newest, status=status, detail=detail, at=now())
            service.record_instance(session, parts, told)

    return report


def told(parts):
    """What the runner is told of the app."""
    with parts.database.reading() as session:
        return desired_world(session, parts.settings).deployments[-1]


def actions(parts) -> list[str]:
    with parts.database.reading() as session:
        return [it for it in session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)) if "space" in it]


def test_a_running_app_is_told_in_the_hubs_words(client, space):
    runtime = client.get(f"{API}/runtime").json()
    assert (runtime["stage"], runtime["sha"], runtime["version"]) == ("RUNNING", "c" * 40, 1)
    assert runtime["hardware"] == {"current": "cpu-basic", "requested": "cpu-basic"}
    assert (runtime["gcTimeout"], runtime["domains"][0]["domain"]) == (172_800, "ada-hello.apps.localhost")
    detail = client.get(API).json()
    assert (detail["id"], detail["host"]) == ("ada/hello", "http://ada-hello.apps.localhost:8080")
    assert detail["runtime"] == runtime


def test_sleeping_and_waking_by_hand_are_moments_for_the_runner(signed_in, parts, space, report):
    assert signed_in.post(f"{API}/sleep").json()["stage"] == "RUNNING"
    asleep = told(parts).sleep
    assert (asleep.asleep_since is not None, asleep.awake_since) == (True, None)
    report(InstanceStatus.SLEEPING)
    assert signed_in.post(f"{API}/wake").json()["stage"] == "SLEEPING"
    assert told(parts).sleep.awake_since > asleep.asleep_since
    report(InstanceStatus.STARTING)
    assert signed_in.post(f"{API}/wake").json()["stage"] == "APP_STARTING"
    assert actions(parts) == ["space.sleep", "space.wake"]


def test_only_who_may_push_puts_an_app_to_sleep_and_any_visitor_wakes_it(client, parts, space, report):
    report(InstanceStatus.SLEEPING)
    assert client.post(f"{API}/sleep").status_code == 401
    assert client.post(f"{API}/wake").status_code == 200
    assert told(parts).sleep.awake_since


def test_a_paused_app_neither_sleeps_nor_wakes(signed_in, parts, space):
    assert signed_in.post(f"{API}/pause").json()["stage"] == "PAUSED"
    assert signed_in.post(f"{API}/pause").json()["stage"] == "PAUSED"
    for verb in ("sleep", "wake"):
        refused = signed_in.post(f"{API}/{verb}")
        assert (refused.status_code, refused.json()["error"]["hint"]) == (409, "Start it: minispaces restart ada/hello")
    assert signed_in.post(f"{API}/restart").json()["stage"] == "APP_STARTING"
    assert actions(parts) == ["space.stop", "space.restart"]


def test_a_factory_restart_builds_anew(signed_in, space):
    assert signed_in.post(f"{API}/restart?factory=true").json()["stage"] == "RUNNING_BUILDING"


def test_static_pages_have_nothing_to_pause(signed_in, world, ada):
    world.add_live_space(ada, "pages", sdk=Sdk.STATIC)
    assert signed_in.post("/api/spaces/ada/pages/pause").status_code == 400


@pytest.mark.parametrize(("asked", "kept"), [(300, 300), (-1, None), (-9, None)])
def test_the_sleep_time_holds_without_a_restart(signed_in, parts, space, asked, kept):
    before = told(parts)
    assert signed_in.post(f"{API}/sleeptime", json={"seconds": asked}).json()["gcTimeout"] == (kept or -1)
    assert (told(parts).id, told(parts).sleep.stop_after) == (before.id, kept)


def test_a_sleep_time_out_of_bounds_is_refused_and_kept_as_it_was(signed_in, space):
    refused = signed_in.post(f"{API}/sleeptime", json={"seconds": 3})
    assert (refused.status_code, "at least 1 minute" in refused.json()["error"]["message"]) == (400, True)
    assert signed_in.get(f"{API}/runtime").json()["gcTimeout"] == 172_800


def test_hardware_is_requested_and_current_once_it_answers_there(signed_in, space, report):
    asked = {"flavor": "cpu-upgrade", "sleepTimeSeconds": 600}
    runtime = signed_in.post(f"{API}/hardware", json=asked).json()
    assert runtime["hardware"] == {"current": "cpu-basic", "requested": "cpu-upgrade"}
    assert (runtime["stage"], runtime["gcTimeout"]) == ("RUNNING_APP_STARTING", 600)
    report(InstanceStatus.RUNNING)
    assert signed_in.get(f"{API}/runtime").json()["hardware"]["current"] == "cpu-upgrade"
    assert signed_in.post(f"{API}/hardware", json={"flavor": "dream"}).status_code == 400


def test_who_asks_as_gradios_client_does_wakes_the_app_and_is_told_to_wait(client, parts, space, report):
    report(InstanceStatus.SLEEPING)
    assert client.get(f"{API}/runtime").json()["stage"] == "SLEEPING"
    assert told(parts).sleep.awake_since is None
    client.get(API)
    assert client.get(f"{API}/runtime").json()["stage"] == "BUILDING"
    assert told(parts).sleep.awake_since
    report(InstanceStatus.STARTING)
    assert client.get(f"{API}/runtime").json()["stage"] == "BUILDING"
    report(InstanceStatus.RUNNING)
    assert client.get(f"{API}/runtime").json()["stage"] == "RUNNING"


def test_what_an_administrator_took_down_is_paused_for_programs(client, world, parts, space):
    world.change(space, taken_down_at=now(), taken_down_reason="Too loud.")
    runtime = client.get(f"{API}/runtime").json()
    assert (runtime["stage"], runtime["errorMessage"]) == ("PAUSED", "Too loud.")
    assert client.post(f"{API}/wake").status_code in {401, 403}


def test_a_failed_start_says_why(signed_in, world, space):
    world.add_deployment(world.add_build(space), InstanceStatus.FAILED, detail="No module named torch.")
    runtime = signed_in.get(f"{API}/runtime").json()
    assert (runtime["stage"], "No module named torch." in runtime["errorMessage"]) == ("RUNTIME_ERROR", True)


def test_a_restart_of_its_own_is_told_with_its_reason_to_programs_and_on_the_page(client, space, report):
    said = "The app stopped answering for 5 minutes. It was started again on 23 November 2026 at 07:31 UTC."
    assert "notice" not in client.get(f"{API}/runtime").json()
    for status, stage in ((InstanceStatus.STARTING, "APP_STARTING"), (InstanceStatus.RUNNING, "RUNNING")):
        report(status, said)
        runtime = client.get(f"{API}/runtime").json()
        assert (runtime["stage"], runtime["notice"], "errorMessage" in runtime) == (stage, said, False)
        assert said in client.get("/spaces/ada/hello").text
    report(InstanceStatus.SLEEPING)
    assert said not in client.get("/spaces/ada/hello").text


def read(client, which: str, **query) -> str:
    return client.get(f"{API}/logs/{which}", params={"follow": False} | query).text


def test_both_logs_are_lines_of_json_from_the_beginning(signed_in, world, parts, space):
    with parts.database.reading() as session:
        (deployment,) = session.scalars(select(Deployment))
    world.write_app_log(deployment, "one", "two", "three")
    lines = [line for line in read(signed_in, "run").splitlines() if line.startswith("data: {")]
    assert [line[:17] for line in lines] == ['data: {"data": "o', 'data: {"data": "t', 'data: {"data": "t']
    assert '"timestamp": "20' in lines[0]
    assert "two" not in read(signed_in, "run", tail=1)
    assert "data: {" not in read(signed_in, "build")


def test_a_followed_build_log_ends_with_the_build(signed_in, world, ada):
    space = world.add_space(ada, "failing")
    build = world.add_build(space)
    world.write_build_log(build, "Installing", "failed")
    assert "Installing" in signed_in.get("/api/spaces/ada/failing/logs/build").text


def test_logs_are_for_those_who_may_push(client, space):
    assert client.get(f"{API}/logs/run").status_code == 401
