"""The gallery, the search and a Space's page of a large hub with 8 concurrent readers, beside a constant page.

The readers never pause, so what they wait for is mostly each other: a page takes an eighth of its median.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from support.ports import free_port
from support.waiting import wait_for

from bench.large_hub import a_space, generate
from bench.measure import Row
from bench.postgres import temporary_postgres
from minispaces_platform.database import Database
from minispaces_platform.migrate import migrate

READERS, SECONDS, RAMP_SECONDS = 8, 10, 3
PAGES = {"gallery": "/", "search": "/?q=whisper", "search while typing": "/?q=whi&part=results", "Space page": ""}
AIMS = {"sqlite": 100, "postgresql": 50}


def measure_gallery() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp") as name:
        rows = _measured(Path(name), f"sqlite:///{name}/minispaces.db")
        with temporary_postgres(Path(name)) as url:
            return rows + _measured(Path(name), url)


def _measured(folder: Path, url: str) -> list[Row]:
    database = Database(url)
    migrate(database)
    generate(database)
    pages, kind = PAGES | {"Space page": a_space(database)}, database.engine.dialect.name
    database.dispose()
    with _served(folder, url) as hub:
        _wait(f"{hub}/floor", RAMP_SECONDS)
        floor = _wait(f"{hub}/floor", SECONDS)
        return [_row(f"{what}, {kind}", hub + path, floor, aim=AIMS[kind]) for what, path in pages.items()]


def _row(what: str, address: str, floor: tuple[float, float], *, aim: int) -> Row:
    _wait(address, RAMP_SECONDS)
    (middle, last), size = _wait(address, SECONDS), _compressed(address)
    ours = f"p50 {middle:.0f} ms, p99 {last:.0f} ms, {size / 1000:.1f} kB"
    beside = f"constant: p50 {floor[0]:.1f} ms, p99 {floor[1]:.1f} ms"
    return Row(what, ours, beside, last / floor[1], f"p99 < {aim} ms, < 100 kB")


def _compressed(address: str) -> int:
    page = httpx2.get(address, headers=_HEADERS).content
    return len(subprocess.run(["gzip", "-9"], input=page, capture_output=True, check=True).stdout)


_HEADERS = {"Host": "localhost", "Accept": "text/html"}


def _wait(address: str, seconds: int) -> tuple[float, float]:
    """Milliseconds that half and 99 % of the readers' requests took at most."""
    headers = [word for name, value in _HEADERS.items() for word in ("-H", f"{name}: {value}")]
    load = ["wrk", "-t1", f"-c{READERS}", f"-d{seconds}", "--latency", *headers, address]
    said = subprocess.run(load, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    half, most = (re.search(rf"{part}%\s+([\d.]+)(us|ms|s)\b", said) for part in (50, 99))
    if half is None or most is None:
        raise RuntimeError(said)
    return _milliseconds(half), _milliseconds(most)


def _milliseconds(found: "re.Match[str]") -> float:
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


@contextmanager
def _served(folder: Path, url: str) -> Iterator[str]:
    port = free_port()
    environment = os.environ | {"MINISPACES_DATA": str(folder), "MINISPACES_DATABASE_URL": url}
    argv = [sys.executable, "-m", "uvicorn", "bench.gallery_hub:app", "--port", str(port), "--log-level", "error"]
    with subprocess.Popen([*argv, "--no-access-log"], env=environment) as server:
        try:
            wait_for(lambda: _answers(f"http://127.0.0.1:{port}/floor"), seconds=60)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx2.get(address, headers=_HEADERS).is_success
    except httpx2.HTTPError:
        return False
