"""A version that went live gets a picture: its README's own, else one that the builder sends."""

import subprocess

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from minispaces_contract.messages import InstanceReport, PictureOrder
from minispaces_contract.states import InstanceStatus
from minispaces_platform.database import now
from minispaces_platform.deployments.service import record_instance
from minispaces_platform.edge.access import edge_access
from minispaces_platform.edge.passes import hub_key
from minispaces_platform.internal import api as internal
from minispaces_platform.models.deployments import Deployment
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space

WEBP = b"RIFF\x04\x00\x00\x00WEBPVP8 "
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
KEY = "k" * 32


@pytest.fixture
def settings(settings):
    return settings.model_copy(
        update={"internal_token": type(settings.edge_key)("t"), "edge_key": type(settings.edge_key)(KEY)}
    )


@pytest.fixture
def door(app: FastAPI):
    app.include_router(internal.router)
    return TestClient(app, "http://localhost:8080", headers={"Authorization": "Bearer t"})


@pytest.fixture
def live(world, ada) -> Deployment:
    space = world.add_space(ada, "hello")
    return world.add_deployment(world.add_build(space))


def make_private(parts, deployment: Deployment) -> None:
    with parts.database.writing() as session:
        session.get_one(Space, deployment.space_id).visibility = Visibility.PRIVATE


def address(deployment: Deployment) -> str:
    return f"/internal/deployments/{deployment.id}/picture"


def test_the_builder_is_told_where_the_app_is(door, live):
    order = PictureOrder.model_validate_json(door.get(address(live)).content)
    assert order == PictureOrder(url="http://ada-hello.apps.localhost:8080/")


def test_an_app_that_is_not_open_comes_with_a_pass(door, live, world):
    make_private(world.parts, live)
    assert door.get(address(live)).json()["cookie"].count(".") == 2


def test_what_the_builder_sends_is_served_and_may_be_kept_for_ever(door, client, live):
    assert door.put(address(live), content=WEBP).status_code == 204
    answer = client.get("/spaces/ada/hello/thumbnail/1.webp")
    assert (answer.content, answer.headers["content-type"]) == (WEBP, "image/webp")
    assert "immutable" in answer.headers["cache-control"]


def test_a_picture_is_taken_once(door, live):
    door.put(address(live), content=WEBP)
    assert door.get(address(live)).status_code == 404


@pytest.mark.parametrize("body", [b"<svg onload=alert(1)>", b"", WEBP + b"x" * (1 << 20)], ids=["svg", "none", "large"])
def test_what_is_no_small_picture_is_refused(door, client, live, body):
    assert door.put(address(live), content=body).status_code == 422
    assert client.get("/spaces/ada/hello/thumbnail/1.webp").status_code in {401, 404}


def test_pictures_of_a_private_space_are_private(door, client, live, world, parts):
    door.put(address(live), content=WEBP)
    make_private(parts, live)
    assert client.get("/spaces/ada/hello/thumbnail/1.webp").status_code == 401


def push(parts, space: Space, **files: bytes) -> str:
    """A commit of these files, made by git itself."""
    repository = parts.store.create(space.id)

    def git(*argv: str, stdin: bytes = b"") -> str:
        command = ["git", "--git-dir", str(repository), "-c", "user.name=a", "-c", "user.email=a@b", *argv]
        return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout.decode().strip()

    blobs = {name: git("hash-object", "-w", "--stdin", stdin=data) for name, data in files.items()}
    tree = git("mktree", stdin="".join(f"100644 blob {sha}\t{name}\n" for name, sha in blobs.items()).encode())
    return git("commit-tree", "-m", "x", tree)


def report_running(parts, deployment: Deployment) -> None:
    report = InstanceReport(deployment_id=deployment.id, status=InstanceStatus.RUNNING, at=now())
    with parts.database.writing() as session:
        record_instance(session, parts, report)


@pytest.mark.parametrize(("data", "taken"), [(PNG, PNG), (b"<svg></svg>", None)], ids=["png", "svg"])
def test_the_readmes_own_picture_wins_if_it_is_one(client, world, ada, data, taken):
    parts, space = world.parts, world.add_space(ada, "hello", thumbnail="mine")
    commit = push(parts, space, mine=data)
    starting = world.add_deployment(world.add_build(space), InstanceStatus.STARTING)
    with parts.database.writing() as session:
        session.get_one(Deployment, starting.id).commit = commit
    report_running(parts, starting)
    answer = client.get("/spaces/ada/hello/thumbnail/1.webp")
    assert answer.content == taken if taken else answer.status_code != 200


def test_the_hub_may_visit_every_app_but_those_taken_down(parts, world, live):
    make_private(parts, live)
    host = "ada-hello.apps.localhost"
    with parts.database.reading() as session:
        assert edge_access(session, parts.settings).admits(host, hub_key())
    with parts.database.writing() as session:
        session.get_one(Space, live.space_id).taken_down_at = now()
    with parts.database.reading() as session:
        assert not edge_access(session, parts.settings).admits(host, hub_key())
