"""Duplicating: what comes along, and what stays with the original."""

import pytest
from sqlalchemy import select

from minispaces_platform.configuration.queries import values_of
from minispaces_platform.models.spaces import Space
from minispaces_platform.repos.landing import tip_of

SECRET = "sk-canary-0815"


@pytest.fixture
def original(make, signed_in, parts):
    """Ada's, with a variable and a secret."""
    make("static", "origin")
    for key, kind, value in (("MODEL", "variable", "tiny"), ("API_KEY", "secret", SECRET)):
        signed_in.post("/spaces/ada/origin/settings/variables", data={"key": key, "kind": kind, "value": value})


@pytest.fixture
def grace(client, world, original):
    client.cookies.clear()
    client.post(f"/login/{world.make_login_link(world.add_user('grace'))}")
    return client


def copy(client, **fields):
    form = {"to": "grace", "new_name": "copy", "visibility": "private", "hardware": "cpu-basic", **fields}
    return client.post("/spaces/ada/origin/duplicate", data=form)


def test_files_history_and_variables_come_along_and_no_secret(grace, parts):
    page = grace.get("/spaces/ada/origin/duplicate").text
    assert ("API_KEY" in page, SECRET in page) == (True, False)
    assert copy(grace).headers["location"] == "/spaces/grace/copy"
    with parts.database.reading() as session:
        origin, made = session.scalars(select(Space).order_by(Space.id)).all()
        values = values_of(session, parts.settings)[made.id]
    assert tip_of(parts.store, made.id, "main") == tip_of(parts.store, origin.id, "main")
    assert (made.card, made.visibility.value) == (origin.card, "private")
    assert (values.variables, values.secrets) == ({"MODEL": "tiny"}, {})


def test_hardware_that_nobody_names_is_the_owners_default(grace, parts):
    copy(grace, hardware="")
    with parts.database.reading() as session:
        assert session.scalars(select(Space).order_by(Space.id.desc())).first().hardware.name == "cpu-basic"


def test_secrets_are_given_anew_and_none_is_made_up(grace, parts):
    copy(grace, secret_key=["API_KEY", "EVIL"], secret_value=["mine", "x"])
    with parts.database.reading() as session:
        made = session.scalars(select(Space).order_by(Space.id.desc())).first()
        assert values_of(session, parts.settings)[made.id].secrets == {"API_KEY": "mine"}


def test_what_cannot_be_read_cannot_be_duplicated(grace, parts, world):
    with parts.database.writing() as session:
        session.scalars(select(Space)).one().visibility = "private"
    assert grace.get("/spaces/ada/origin/duplicate").status_code == 404
    assert copy(grace).status_code == 404


def test_a_copy_goes_only_where_one_may_make_spaces(grace):
    answer = copy(grace, to="ada")
    assert answer.status_code == 403
    assert "may not make Spaces under" in answer.text


def test_an_empty_space_has_nothing_to_duplicate(world, ada, signed_in):
    world.add_space(ada, "origin")
    assert "has no files yet" in copy(signed_in, to="ada").text
