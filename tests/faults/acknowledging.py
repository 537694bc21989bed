"""A program that writes rows until it is killed, and says which were acknowledged: `URL NAME [reading]`."""

import sys
from itertools import count

from sqlalchemy import text

from minispaces_platform.database import Database


def main(url: str, name: str, *and_reads: str) -> None:
    database = Database(url)
    for number in count():
        with database.writing() as session:
            session.execute(text("INSERT INTO acks VALUES (:name, :number)"), {"name": name, "number": number})
        print(name, number, flush=True)
        if and_reads:
            with database.reading() as session:
                session.execute(text("SELECT max(number), count(*) FROM acks")).one()


if __name__ == "__main__":
    main(*sys.argv[1:])
