"""A PostgreSQL server of the campaign's own, which syncs what it says it has, to be killed and started again."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from conftest import postgres_program
from support.waiting import wait_for

_NOBODY = 65534
"""PostgreSQL refuses to run as root."""


@dataclass(frozen=True)
class Postgres:
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@/postgres?host={self.folder}"

    def make(self) -> None:
        if os.geteuid() == 0:
            os.chown(self.folder, _NOBODY, _NOBODY)
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8")
        self.start()

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses="
        self._run("pg_ctl", "start", "--wait", "--log", str(self.folder / "log"), "--options", options)

    def stop(self, *, how: str = "immediate") -> None:
        """`immediate` is a crash: nothing is written down, and what was runs is cut off."""
        self._run("pg_ctl", "stop", "--wait", "--mode", how)
        wait_for(lambda: not (self.folder / ".s.PGSQL.5432").exists())

    def _run(self, program: str, *argv: str) -> None:
        who = {"user": _NOBODY, "group": _NOBODY} if os.geteuid() == 0 else {}
        command = [str(postgres_program(program)), "--pgdata", str(self.folder / "data"), *argv]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **who)
