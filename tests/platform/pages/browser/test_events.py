"""The event streams as a program sees them."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

import httpx2
import pytest
from sqlalchemy import delete

from minispaces_contract.logstream import Kind
from minispaces_contract.states import BuildStatus, InstanceStatus
from minispaces_platform.accounts import sessions
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Collaborator


class Event(NamedTuple):
    name: str
    data: object
    id: str


@contextmanager
def listening(url: str, **headers: str) -> Iterator[Iterator[Event]]:
    with httpx2.stream("GET", url, headers=headers, timeout=20) as answer, closing(events_of(answer)) as events:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events


def events_of(answer: httpx2.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if not line and "event" in fields:
            yield Event(fields["event"], json.loads(fields["data"]), fields.get("id", ""))
        fields = fields | {name: value} if line else {}


@pytest.fixture
def _look_often(monkeypatch):
    monkeypatch.setattr("minispaces_platform.builds.events._LOOK_AGAIN_SECONDS", 0)


@pytest.fixture
def as_ada(world, ada):
    return {"Cookie": f"minispaces_session={world.start_session(ada)}"}


def test_a_reader_that_comes_back_gets_what_it_missed_and_nothing_twice(hub, world, ada, as_ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    url = f"{hub}/events/spaces/{build.space_id}/log?build={build.id}"
    world.write_build_log(build, "one", "two")
    with listening(url, **as_ada) as events:
        seen = next(events)
        assert "one" in seen.data
    world.write_build_log(build, "three")
    with listening(url, **as_ada, **{"Last-Event-ID": seen.id}) as events:
        assert ["two" in next(events).data, "three" in next(events).data] == [True, True]


def test_the_end_of_a_build_ends_its_stream(hub, world, ada, as_ada):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    world.write_build_log(build, "one")
    with listening(f"{hub}/events/spaces/{build.space_id}/log?build={build.id}", **as_ada) as events:
        next(events)
        world.write_build_log(build, "failed", kind=Kind.END)
        assert [event.name for event in events] == ["end"]


def test_a_build_that_ended_without_saying_so_ends_its_stream_too(hub, world, ada, as_ada):
    """Its last entry was lost, with Redis or by the cap."""
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.FAILED)
    with listening(f"{hub}/events/spaces/{build.space_id}/log?build={build.id}", **as_ada) as events:
        assert [event.name for event in events] == ["end"]


def test_a_log_of_another_space_is_not_to_be_had(hub, world, ada, as_ada):
    build = world.add_build(world.add_space(ada, "hello"))
    other = world.add_space(ada, "other")
    for asked in (f"build={build.id}", "build=x", "deployment=x", ""):
        assert httpx2.get(f"{hub}/events/spaces/{other.id}/log?{asked}", headers=as_ada).status_code == 404


def test_a_space_that_does_not_exist_has_no_events(hub):
    assert httpx2.get(f"{hub}/events/spaces/nothing").status_code == 401


def test_more_streams_than_may_be_open_are_sent_away_for_a_while(hub, world, ada, monkeypatch, parts):
    space = world.add_space(ada, "hello")
    monkeypatch.setattr(parts.redis.connection_pool, "max_connections", 2)
    with listening(f"{hub}/events/spaces/{space.id}") as events:
        next(events)
        answer = httpx2.get(f"{hub}/events/spaces/{space.id}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_a_stream_ends_after_its_time_and_frees_its_place(hub, world, ada, as_ada, monkeypatch):
    monkeypatch.setattr("minispaces_platform.live.LIFE_SECONDS", 0)
    space = world.add_space(ada, "hello")
    with listening(f"{hub}/events/spaces/{space.id}") as events:
        assert [event.name for event in events] == ["space"]


def test_a_page_does_not_come_back_to_a_space_that_was_deleted(page, hub, world, ada, as_ada):
    """Once it did, a second later, and the browser complained of what it did not find."""
    world.add_space(ada, "hello")
    followed = []
    page.on("request", lambda request: followed.append(request.url) if "/events/" in request.url else None)
    with page.expect_response("**/events/spaces/*"):
        page.goto(f"{hub}/spaces/ada/hello/versions")
    httpx2.post(
        f"{hub}/spaces/ada/hello/settings/delete", data={"typed": "ada/hello"}, headers=as_ada | {"Origin": hub}
    )
    page.wait_for_timeout(1_600)  # the browser's own time, which nothing here controls: it would be back after a second
    assert len(followed) == 1


class TestWhileRedisIsAway:
    @pytest.fixture
    def redis_socket(self, tmp_path):
        return tmp_path / "nobody.sock"

    def test_changes_are_still_seen_only_later(self, hub, world, ada):
        build = world.add_build(world.add_space(ada, "hello"))
        deployment = world.add_deployment(build, InstanceStatus.STARTING)
        with listening(f"{hub}/events/spaces/{build.space_id}") as events:
            assert "Starting" in next(events).data["status"]
            world.change(deployment, observed=InstanceStatus.RUNNING)
            assert "Running" in next(events).data["status"]


@pytest.mark.usefixtures("_look_often")
def test_a_stream_ends_when_its_session_does(hub, world, ada, as_ada, parts):
    build = world.add_build(world.add_space(ada, "hello"), BuildStatus.BUILDING)
    world.write_build_log(build, "one")
    with listening(f"{hub}/events/spaces/{build.space_id}/log?build={build.id}", **as_ada) as events:
        next(events)
        with parts.database.writing() as session:
            sessions.end_all(session, ada.id)
        world.write_build_log(build, "two")
        assert [event.name for event in events] == ["gone"]


@pytest.mark.timeout(60)  # else nothing comes, and the stream never ends
def test_a_page_that_is_open_shows_the_log_no_longer_than_its_person_may_read_it(hub, world, ada, parts):
    space = world.add_space(ada, "hello")
    bob = world.add_user("bob")
    with parts.database.writing() as session:
        session.add(Collaborator(space_id=space.id, user_id=bob.id, role=Role.WRITE))
    build = world.add_build(space, BuildStatus.FAILED, error="It broke.")
    world.write_build_log(build, "the secret line", kind=Kind.ERROR)
    as_bob = {"Cookie": f"minispaces_session={world.start_session(bob)}"}
    with listening(f"{hub}/events/spaces/{space.id}", **as_bob) as events:
        assert "the secret line" in next(events).data["app"]
        with parts.database.writing() as session:
            session.execute(delete(Collaborator))
        world.hint(space.id)
        assert "the secret line" not in next(events).data["app"]
