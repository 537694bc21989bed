"""The real parts that tests share are what they say they are."""

import os

import psycopg
import pytest


@pytest.mark.postgres
def test_the_database_is_empty_and_speaks_unicode(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert (tables, connection.info.encoding) == ((0,), "utf-8")


def test_a_socket_fits_into_the_short_folder(short_dir):
    assert len(os.fsencode(short_dir / "a-socket-with-a-long-name.sock")) < 107
