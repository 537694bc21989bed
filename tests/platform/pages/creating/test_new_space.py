"""`/new-space`: who may make what where, and from which starters."""

import pytest
from sqlalchemy import select

from minispaces_contract.states import BuildStatus, Sdk
from minispaces_platform.creating.starters import NAMES, starters
from minispaces_platform.models.builds import Build
from minispaces_platform.models.spaces import Space


def test_the_form_shows_every_starter_and_costs_few_statements(signed_in, statements):
    signed_in.get("/new-space")
    statements.clear()
    page = signed_in.get("/new-space?template=chat").text
    for starter in starters():
        assert f'value="{starter.name}"' in page
    assert 'value="chat" checked' in page
    assert len(statements) <= 7


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get("/new-space").status_code == 401
    assert client.post("/new-space", data={"start": "static"}).status_code == 401


@pytest.mark.parametrize("starter", NAMES)
def test_a_starter_becomes_a_space_that_is_being_built(make, parts, files_of, starter):
    assert make(starter, "my-first").headers["location"] == "/spaces/ada/my-first"
    files = files_of("my-first")
    assert 'title: "My first"' in files["README.md"]
    with parts.database.reading() as session:
        build = session.scalars(select(Build)).one()
        space = session.scalars(select(Space)).one()
    assert (build.version, build.status) == (1, BuildStatus.QUEUED)
    assert space.card.sdk is {"fastapi": Sdk.DOCKER, "chat": Sdk.GRADIO}.get(
        starter, Sdk.__members__.get(starter.upper())
    )
    assert space.card.short_description


def test_hardware_and_visibility_are_as_chosen(make, parts):
    make("static", visibility="private", hardware="cpu-upgrade")
    with parts.database.reading() as session:
        space = session.scalars(select(Space)).one()
    assert (space.visibility, space.hardware.name) == ("private", "cpu-upgrade")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"name": "no spaces"}, 422, "cannot be the name of a Space"),
        ({"owner": "grace"}, 403, "may not make Spaces under"),
        ({"owner": "nobody"}, 403, "may not make Spaces under"),
        ({"hardware": "abacus"}, 422, "There is no hardware"),
        ({"visibility": "secret"}, 422, "Choose who may see"),
        ({"start": "../../etc"}, 422, "There is no template"),
        ({"start": "upload"}, 422, "There are no files in this"),
    ],
)
def test_what_cannot_be_is_said_on_the_form_and_leaves_nothing(*, make, world, parts, fields, status, words):
    world.add_user("grace")
    answer = make(**fields)
    assert (answer.status_code, words in answer.text) == (status, True)
    with parts.database.reading() as session:
        assert session.scalar(select(Space.id)) is None


def test_a_name_that_is_taken_is_refused(make):
    make("static", "twice")
    assert "exists already" in make("static", "twice").text


def test_nothing_is_a_start_too(make, files_of):
    assert make("empty", "bare").headers["location"] == "/spaces/ada/bare"
    assert files_of("bare") == {}
