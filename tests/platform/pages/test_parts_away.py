"""When a part that the hub stands on is away, people are told so and when to come back; it is no fault of theirs."""

import errno
import subprocess
from contextlib import nullcontext

import pytest
import redis
from kombu.exceptions import OperationalError
from sqlalchemy import event, select, text

from minispaces_platform.actors import actor_of_user
from minispaces_platform.database import after_commit
from minispaces_platform.models.builds import Build
from minispaces_platform.models.namespaces import Organization
from minispaces_platform.outages import outage_of
from minispaces_platform.parts import open_parts
from minispaces_platform.repos.changes import Put
from minispaces_platform.repos.commits import commit
from minispaces_platform.spaces.service import get_space

from .conftest import make_app, make_client


@pytest.fixture
def client_without_database(settings, tmp_path):
    url = f"postgresql+psycopg://nobody@/nothing?host={tmp_path}"
    with make_client(make_app(open_parts(settings.model_copy(update={"database_url": url})))) as made:
        yield made


def test_without_the_database_a_page_says_when_to_come_back(client_without_database):
    answer = client_without_database.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "The database does not answer right now" in answer.text


def test_without_the_database_git_is_told_in_plain_text(client_without_database):
    answer = client_without_database.get(
        "/spaces/ada/hello/info/refs?service=git-upload-pack", headers={"User-Agent": "git/2.39.5"}
    )
    assert answer.status_code == 503
    assert answer.text.startswith("The database does not answer right now")


def test_a_full_disk_is_named_and_nothing_is_changed(client, parts):
    """SQLite's own limit of pages stands for the disk's end."""

    @event.listens_for(parts.database.engine, "connect")
    def _limit(connection, _record):
        connection.execute("PRAGMA max_page_count=1")

    parts.database.dispose()
    with pytest.raises(Exception, match="database or disk is full") as full, parts.database.writing() as session:
        session.execute(text("CREATE TABLE more AS SELECT zeroblob(99999) AS x"))
    assert outage_of(full.value).code == "storage_full"
    assert client.get("/").status_code == 200


def test_a_fault_of_ours_is_no_outage(parts):
    with pytest.raises(Exception, match="no such table") as ours, parts.database.reading() as session:
        session.execute(text("SELECT * FROM unheard_of"))
    assert outage_of(ours.value) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (
            subprocess.CalledProcessError(128, "git", stderr=b"fatal: write error: No space left on device"),
            "storage_full",
        ),
        (redis.ResponseError("MISCONF Errors writing to the AOF file: No space left on device"), "unavailable"),
        (redis.ConnectionError("nobody there"), "unavailable"),
        (OperationalError("nobody there"), "unavailable"),
        (OSError(errno.ENOENT, "No such file"), None),
        (redis.ResponseError("WRONGTYPE"), None),
    ],
)
def test_what_counts_as_a_part_that_is_away(error, code):
    outage = outage_of(error)
    assert (outage and outage.code) == code


@pytest.mark.parametrize(("error", "heard"), [(redis.ConnectionError("nobody there"), False), (KeyError("x"), True)])
def test_what_is_committed_is_done_though_what_follows_finds_a_part_away(parts, error, heard):
    def fail():
        raise error

    with pytest.raises(KeyError) if heard else nullcontext(), parts.database.writing() as session:
        session.add(Organization(name="acme"))
        after_commit(session, fail)
    with parts.database.reading() as session:
        assert session.scalar(select(Organization.name)) == "acme"


def test_a_commit_whose_rows_find_the_database_away_gets_them_as_soon_as_it_is_back(parts, world, ada):
    """git has moved the refs by then, and nobody could push the same again."""
    world.add_space(ada, "hello")
    away = iter([OSError(errno.ENOSPC, "No space left on device")] * 2)

    @event.listens_for(parts.database.engine, "before_cursor_execute")
    def _fail_twice(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO revisions") and (error := next(away, None)):
            raise error

    with parts.database.reading() as session:
        space, actor = get_space(session, "ada", "hello"), actor_of_user(session, ada)
    done = commit(parts, space, actor, [Put("app.py", b"")], message="Begin")
    with parts.database.reading() as session:
        assert session.get_one(Build, done.build_id).version == 1
