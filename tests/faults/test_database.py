"""R8, R9, R10: a database that dies, or is written by many, loses nothing, and people are told in words meanwhile."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pysqlite3.dbapi2 as sqlite
import pytest
from faults import acknowledging
from faults.conftest import STATIC, started
from faults.postgres import Postgres
from faults.reading import Readers
from faults.test_pushes import is_acknowledged, there
from sqlalchemy import text
from support.waiting import wait_for

from minispaces_platform.database import Database

WRITERS = 4
SAFE_SQLITE = (3, 51, 3)
"""Older ones may lose commits when several processes write to one WAL file."""


@pytest.fixture
def postgres():
    with TemporaryDirectory(prefix="ms-pg-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        server.make()
        yield server
        server.stop()


@pytest.mark.postgres
def test_r8_while_postgresql_restarts_people_are_told_and_then_all_is_well(
    *, empty_folder, tmp_path, postgres, rounds, figure
):
    with started(empty_folder, MINISPACES_DATABASE_URL=postgres.url) as at, ThreadPoolExecutor(1) as pool:
        person = at.add_person("ada")
        tree = person.work_on("site", tmp_path / "site", STATIC)
        assert tree.push().returncode == 0
        lost, late = 0, []
        with Readers(at, many=4) as readers:
            for turn in range(1, rounds + 1):
                tip = tree.commit({"index.html": f"<p>turn {turn}</p>"})
                pushing = pool.submit(tree.push)
                time.sleep(turn / rounds)  # another moment of the push each time
                postgres.stop()
                postgres.start()
                back = time.monotonic()
                pushed = pushing.result()
                late += readers.failed(since=back + 2)
                lost += is_acknowledged(pushed) and there(at, tree) != tip
                if there(at, tree) != tip:
                    assert tree.push().returncode == 0
                wait_for(lambda turn=turn: f"turn {turn}<" in at.get(person.host_of("site")).text, seconds=120)
        failed = readers.failed()
        figure(
            f"{rounds} restarts, {len(readers.answers)} answers: {len(failed)} were 503 in words, "
            f"{len(late)} of them later than 2 s after it was back; {lost} acknowledged pushes lost"
        )
        assert set(failed) <= {(503, True)}
        assert (late, lost) == ([], 0)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request):
    return request.getfixturevalue("postgres") if request.param == "postgres" else None


class Writer:
    """Runs `acknowledging.py`; what was acknowledged lies in a file, as a pipe would fill up."""

    def __init__(self, url, said, *more):
        self.said, self.errors = said, said.with_suffix(".err")
        program = [sys.executable, acknowledging.__file__, url, said.stem, *more]
        with self.said.open("w") as out, self.errors.open("w") as errors:
            self.process = subprocess.Popen(program, stdout=out, stderr=errors)

    def has_begun(self):
        assert self.process.poll() is None, self.errors.read_text()
        return self.said.stat().st_size > 0

    def acks(self):
        """A last line that was cut off is none."""
        return [tuple(line.split()) for line in self.said.read_text().splitlines(keepends=True) if line.endswith("\n")]


@contextmanager
def writers(database, folder, *more):
    url = database.engine.url.render_as_string(hide_password=False)
    made = [Writer(url, folder / f"{number}.acks", *more) for number in range(WRITERS)]
    wait_for(lambda: all(each.has_begun() for each in made), seconds=120)
    yield made
    for each in made:
        each.process.kill()
        each.process.wait()


def missing_of(database, acks):
    with database.reading() as session:
        kept = {(name, str(number)) for name, number in session.execute(text("SELECT name, number FROM acks"))}
    return [ack for ack in acks if ack not in kept]


@pytest.fixture
def database(server, tmp_path):
    made = Database(server.url if server else f"sqlite:///{tmp_path / 'acks.db'}")
    with made.writing() as session:
        session.execute(text("CREATE TABLE acks (name TEXT, number INTEGER)"))
    yield made
    made.dispose()


def test_r9_what_a_database_acknowledged_is_there_when_it_is_killed(*, server, database, tmp_path, rounds, figure):
    """PostgreSQL itself is; of SQLite it is the processes that write."""
    acks, missing = 0, []
    for _ in range(rounds):
        with database.writing() as session:
            session.execute(text("DELETE FROM acks"))
        with writers(database, tmp_path) as writing:
            time.sleep(2)  # what they get done meanwhile is what is looked for
            if server:
                server.stop()
                server.start()
        said = [ack for each in writing for ack in each.acks()]
        acks, missing = acks + len(said), missing + missing_of(database, said)
    figure(f"{rounds} kills of {database.engine.dialect.name}: {len(missing)} of {acks} acknowledged lost")
    assert missing == []
    assert is_whole(database)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_r10_processes_that_write_to_sqlite_at_once_see_no_error(*, database, tmp_path, rounds, figure):
    assert sqlite.sqlite_version_info >= SAFE_SQLITE
    seconds, checkpoints = rounds * 4, 0
    with writers(database, tmp_path, "reading") as writing:
        over = time.monotonic() + seconds
        while time.monotonic() < over:
            truncate(database)
            checkpoints += 1
        ended = [each.process.poll() for each in writing]
    said = [ack for each in writing for ack in each.acks()]
    errors = [each.errors.read_text() for each in writing]
    figure(f"{seconds} s, {WRITERS} writers, {checkpoints} checkpoints, {len(said)} rows, {errors.count('')} no error")
    assert (ended, errors) == ([None] * WRITERS, [""] * WRITERS)
    assert missing_of(database, said) == []
    assert is_whole(database)


def truncate(database):
    """Past SQLAlchemy, which would begin a transaction, in which there is no checkpoint."""
    with closing(sqlite.connect(database.engine.url.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_whole(database):
    if database.engine.dialect.name != "sqlite":
        return True
    with database.reading() as session:
        return session.scalar(text("PRAGMA integrity_check")) == "ok"
