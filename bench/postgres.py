"""A PostgreSQL server of the benchmark's own, gone afterwards."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.waiting import wait_for

_LOADING = ["-c", "fsync=off", "-c", "max_wal_size=8GB", "-c", "maintenance_work_mem=256MB"]
"""What makes filling it quick, and reading no quicker."""
_NOBODY = 65534
"""PostgreSQL refuses to run as root."""


@contextmanager
def temporary_postgres(folder: Path) -> Iterator[str]:
    """Its address for SQLAlchemy."""
    home = folder / "postgres"
    home.mkdir()
    who = {"user": _NOBODY, "group": _NOBODY} if os.geteuid() == 0 else {}
    if who:
        folder.chmod(0o755)
        os.chown(home, _NOBODY, _NOBODY)
    initdb = [_program("initdb"), "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([*initdb, "-D", str(home / "data")], check=True, capture_output=True, **who)
    argv = [_program("postgres"), "-D", str(home / "data"), "-k", str(home), "-c", "listen_addresses=", *_LOADING]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who) as server:
        try:
            wait_for((home / ".s.PGSQL.5432").exists)
            yield f"postgresql+psycopg://postgres@/postgres?host={home}"
        finally:
            server.send_signal(signal.SIGINT)  # at once, whoever is still connected


def _program(name: str) -> str:
    """Debian keeps PostgreSQL's server programs off PATH, one folder per release."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, folders), os.environ["PATH"]]))
    if found is None:
        raise FileNotFoundError(f"{name}: PostgreSQL's server is not installed (apt-get install postgresql)")
    return found
