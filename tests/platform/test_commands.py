"""The command line beside the server: people, organisations, tokens, visibility; written down as the command line's."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from minispaces_platform.accounts.service import get_user
from minispaces_platform.actors import actor_of_token, credentials_of
from minispaces_platform.cli import app
from minispaces_platform.commands.opening import opened
from minispaces_platform.errors import ForbiddenError, MinispacesError, SignInNeededError
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.service import create_space

Command = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path) -> Command:
    """No server runs, and Redis is away."""

    def call(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--data", str(tmp_path)])
        if isinstance(done.exception, MinispacesError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    call("user", "add", "ada", "--admin")
    call("user", "add", "grace")
    return call


@pytest.fixture
def read(tmp_path: Path):
    def ask(question):
        with opened(tmp_path) as (database, _settings), database.reading() as session:
            return question(session)

    return ask


def log(session) -> list[tuple[str, str, str, str]]:
    rows = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
    return [(row.actor_name, row.carrier, row.action, row.subject_name) for row in rows]


def test_visibility_is_chosen_and_written_down(run, read, tmp_path):
    with opened(tmp_path) as (database, _settings), database.writing() as session:
        create_space(session, get_user(session, "ada"), "hello")
    run("visibility", "ada/hello", "private")
    assert read(lambda session: session.scalar(select(Space.visibility))) is Visibility.PRIVATE
    assert read(log)[-1] == ("command line", "command", "space.visibility", "ada/hello")


def test_a_space_that_is_not_there_is_said(run):
    with pytest.raises(MinispacesError, match="no Space ada/hello"):
        run("visibility", "ada/hello", "private")


def test_an_organisations_life(run, read):
    run("org", "create", "lab", "--admin", "ada")
    run("org", "add", "lab", "grace", "contributor")
    run("org", "role", "lab", "grace", "write")
    assert run("org", "members", "lab").split() == ["ada", "admin", "grace", "write"]
    run("org", "remove", "lab", "grace")
    run("org", "rename", "lab", "vision")
    assert run("org", "list").split() == ["vision"]
    run("org", "delete", "vision")
    assert run("org", "list") == ""
    actions = [(action, name) for _, _, action, name in read(log)][2:]
    assert actions == [
        ("organization.create", "lab"), ("membership.set", "lab"), ("membership.set", "lab"),
        ("membership.remove", "lab"), ("organization.rename", "lab"), ("organization.delete", "vision"),
    ]  # fmt: skip


def test_the_last_admin_of_an_organisation_stays(run):
    run("org", "create", "lab", "--admin", "ada")
    with pytest.raises(MinispacesError, match="no admin left"):
        run("org", "remove", "lab", "ada")
    with pytest.raises(MinispacesError, match="no admin left"):
        run("org", "role", "lab", "ada", "read")


def test_a_token_is_listed_and_revoked_by_how_it_begins(run, read):
    token = run("token", "create", "ada", "--scope", "read").strip()
    listed = run("token", "list", "ada")
    assert token not in listed
    hint = listed.split("…")[0]
    assert token.startswith(hint)
    run("token", "revoke", "ada", hint)
    with pytest.raises(SignInNeededError):
        read(lambda session: actor_of_token(session, credentials_of(f"Bearer {token}")))
    assert [action for _, _, action, _ in read(log)][-2:] == ["token.create", "token.revoke"]


def test_a_token_is_revoked_by_its_id_and_nobody_elses_is(run):
    run("token", "create", "ada")
    token_id = run("token", "list", "ada").split()[-1]
    with pytest.raises(MinispacesError, match="no token"):
        run("token", "revoke", "grace", token_id)
    run("token", "revoke", "ada", token_id)
    assert run("token", "list", "ada") == ""


def test_who_is_suspended_has_their_token_refused_with_the_reason(run, read):
    token = run("token", "create", "grace").strip()
    run("user", "suspend", "grace", "--reason", "Left the company")
    assert "suspended: Left the company" in run("user", "list")
    with pytest.raises(ForbiddenError, match="Left the company"):
        read(lambda session: actor_of_token(session, credentials_of(f"Bearer {token}")))
    run("user", "reinstate", "grace")
    assert read(lambda session: actor_of_token(session, credentials_of(f"Bearer {token}"))).is_known


def test_there_is_always_an_admin(run):
    for words in (("admin", "ada", "--remove"), ("suspend", "ada", "--reason", "no")):
        with pytest.raises(MinispacesError, match="last admin"):
            run("user", *words)
    run("user", "admin", "grace")
    run("user", "admin", "ada", "--remove")
    assert run("user", "list").split() == ["ada", "grace", "admin"]
