"""An app's life from the command line, as the real command against a running hub; the test plays the runner."""

import json
import os
import subprocess
import sys
import zlib
from datetime import timedelta
from pathlib import Path

import anyio
import pytest
from support.waiting import wait_for

from minispaces_contract import logstream
from minispaces_contract.client import RunnerDoor
from minispaces_contract.messages import AppConfig, Artifact, Hardware
from minispaces_contract.states import ArtifactKind, BuildStatus, InstanceStatus, Sdk
from minispaces_platform import cli
from minispaces_platform.accounts import service as accounts
from minispaces_platform.database import now
from minispaces_platform.models.builds import Build, Revision
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.sleeping import NEVER, SleepSetting, WarmTime, WarmTimes
from minispaces_platform.spaces.service import create_space

BIN = Path(sys.executable).parent
ARTIFACT = Artifact(kind=ArtifactKind.BUNDLE, reference="x", sdk=Sdk.GRADIO)


@pytest.fixture
def environment(hub, tmp_path, request):
    """Of a person of the test's own, with a Space whose app runs."""
    kept = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"}
    person = f"p{zlib.crc32(request.node.nodeid.encode())}"
    token = hub.add_user(person)
    url = f"http://127.0.0.1:{hub.settings.port}"
    return kept | {
        "HOME": str(tmp_path), "NO_COLOR": "1", "MINISPACES_URL": url, "MINISPACES_TOKEN": token, "PERSON": person,
    }  # fmt: skip


@pytest.fixture
def deployment(hub, environment):
    with hub.database.writing() as session:
        space = create_space(session, accounts.get_user(session, environment["PERSON"]), "demo")
        space.versions = 1
        revision = Revision(space_id=space.id, branch="main", commit="c" * 40, config=AppConfig())
        session.add(revision)
        session.flush()
        made = {"space_id": space.id, "version": 1, "artifact": ARTIFACT}
        build = Build(revision_id=revision.id, status=BuildStatus.SUCCEEDED, **made)
        session.add(build)
        session.flush()
        lives = {"observed": InstanceStatus.RUNNING, "live_at": now(), "startup_seconds": 60}
        deployed = Deployment(build_id=build.id, commit="c" * 40, hardware=Hardware(), **made, **lives)
        session.add(deployed)
    return deployed


@pytest.fixture
def space(environment, deployment):
    return f"{environment['PERSON']}/demo"


@pytest.fixture
def run(environment, monkeypatch, capfd):
    """A command that comes back at once; what it printed."""

    def run(*words, code=0):
        monkeypatch.setattr(os, "environ", environment)
        monkeypatch.setattr(sys, "argv", ["minispaces", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        printed = "".join(capfd.readouterr())
        assert (left.value.code or 0) == code, printed
        return printed

    return run


@pytest.fixture
def meanwhile(environment):
    """The real command, while it waits; called, it gives the exit code and what was said."""
    started = []

    def start(*words):
        command = [BIN / "minispaces", *words]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )  # fmt: skip
        started.append(process)

        def end():
            said, _ = process.communicate(timeout=60)
            return process.returncode, said

        return end

    yield start
    for process in started:
        process.kill()


def told(hub, space):
    """What the runner is told of it, newest last."""

    async def ask():
        door = RunnerDoor(hub._service_settings())
        found = [spec for spec in (await door.world()).deployments if spec.space == space]
        await door.aclose()
        return found

    return anyio.run(ask)


def test_an_app_is_put_to_sleep_and_woken_and_the_command_waits_for_it(hub, space, run, meanwhile):
    done = meanwhile("sleep", space)
    wait_for(lambda: told(hub, space)[0].sleep.asleep_since, seconds=60)
    hub.report_instance(space, InstanceStatus.SLEEPING)
    code, said = done()
    assert (code, f"{space}: Sleeping." in said) == (0, True), said
    done = meanwhile("wake", space)
    wait_for(lambda: told(hub, space)[0].sleep.awake_since, seconds=60)
    hub.report_instance(space, InstanceStatus.STARTING)
    hub.report_instance(space, InstanceStatus.RUNNING)
    code, said = done()
    assert (code, f"{space}: Running." in said) == (0, True), said


def test_what_fails_while_a_command_waits_is_its_exit_code_and_says_why(hub, space, meanwhile):
    done = meanwhile("restart", space)
    wait_for(lambda: len(told(hub, space)) == 2, seconds=60)
    hub.report_instance(space, InstanceStatus.FAILED, detail="No module named torch.")
    code, said = done()
    assert (code, "No module named torch." in said) == (3, True), said


def test_what_takes_too_long_is_said_and_left(hub, space, run):
    assert "is not done after 1 seconds" in run("restart", space, "--timeout", "1", code=5)


def test_a_command_that_does_not_wait_is_done_when_the_hub_has_heard_it(hub, space, run):
    assert "Updating" in run("restart", space, "--no-wait")
    assert "Stopped" in run("pause", space)
    assert told(hub, space) == []
    refused = run("wake", space, code=1)
    assert ("cannot be woken" in refused, f"minispaces restart {space}" in refused) == (True, True)
    assert "Starting" in run("restart", space, "--no-wait")


def test_the_status_is_words_for_people_and_json_and_a_code_for_programs(hub, space, run, deployment):
    said = run("status", space)
    assert [line.split()[0] for line in said.splitlines()] == [f"{space}:", "The", "version", "hardware", "sleeps"]
    assert json.loads(run("status", space, "--json"))["gcTimeout"] == 172_800
    run("pause", space)
    run("status", space, code=4)


def test_a_time_in_which_it_is_kept_warm_is_told(hub, space, run, deployment):
    with hub.database.writing() as session:
        at = now() + timedelta(minutes=10)
        end = at + timedelta(minutes=5)
        warm = WarmTime(id="w", day=at.date(), start=at.time(), end=end.time(), zone="UTC")
        session.add(SleepSetting(space_id=deployment.space_id, seconds=NEVER, warm=WarmTimes(times=(warm,))))
    said = run("status", space)
    assert f"kept warm {at.astimezone():%a %Y-%m-%d %H:%M} to {end.astimezone():%H:%M}" in said
    assert "sleeps    never" in said


def test_hardware_is_told_and_changed(hub, space, run, meanwhile):
    assert run("hardware", space) == "cpu-basic\n"
    done = meanwhile("hardware", space, "cpu-upgrade")
    wait_for(lambda: len(told(hub, space)) == 2, seconds=60)
    assert run("hardware", space) == "cpu-upgrade (now cpu-basic)\n"
    hub.report_instance(space, InstanceStatus.RUNNING)
    assert done()[0] == 0
    assert "There is no hardware 'dream'" in run("hardware", space, "dream", code=1)


def test_logs_are_printed_whole_or_their_end_without_what_moves_a_terminal(hub, space, run, deployment):
    lines = [logstream.entry(logstream.Kind.LINE, text) for text in ("one", "two \x1b[2J\x1b]0;x\x07", "three")]
    logstream.append(hub.redis, logstream.app_log(deployment.id), *lines)
    assert run("logs", space) == "one\ntwo \nthree\n"
    assert run("logs", space, "-n", "1") == "three\n"
    assert run("logs", space, "--build") == ""


def test_a_followed_log_goes_on_until_the_app_is_stopped(hub, space, run, meanwhile, deployment):
    stream = logstream.app_log(deployment.id)
    logstream.append(hub.redis, stream, logstream.entry(logstream.Kind.LINE, "before"))
    done = meanwhile("logs", space, "-f")
    wait_for(lambda: any(client["cmd"].startswith("xread") for client in hub.redis.client_list()), seconds=60)
    logstream.append(hub.redis, stream, logstream.entry(logstream.Kind.LINE, "after"))
    run("pause", space)
    assert done() == (0, "before\nafter\n")


@pytest.mark.parametrize(
    ("name", "words"), [("demo", "is no Space"), ("nobody/demo", "There is no Space"), ("a b/c", "cannot be")]
)
def test_what_is_no_space_is_told_in_words(run, name, words):
    assert words in run("status", name, code=1)


def test_somebody_who_is_not_logged_in_is_told_how(environment, run):
    del environment["MINISPACES_TOKEN"]
    assert "minispaces login" in run("status", "ada/demo", code=1)
