"""The gallery, the search and Spaces' pages of a large hub with 8 concurrent readers, beside a constant page.

The readers never pause, so what they wait for is mostly each other: a page takes an eighth of its median. One page
that all look at is kept; "in turn" is the dear case, in which hardly anybody asks for what somebody else did.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from support.ports import free_port
from support.waiting import wait_for

from bench.large_hub import WORDS, generate, some_spaces
from bench.measure import Row
from bench.postgres import temporary_postgres
from minispaces_contract.states import Sdk
from minispaces_platform.database import Database
from minispaces_platform.gallery.asking import State
from minispaces_platform.migrate import migrate
from minispaces_platform.repos.store import RepositoryStore
from minispaces_platform.settings import PlatformSettings

READERS, SECONDS, RAMP_SECONDS = 8, 6, 1
MANY = 400
"""More than are asked for while a page is kept."""
PAGES = {
    "gallery": ["/"],
    "gallery, filters in turn": [f"/?tag={word}&sort={sort}" for word in WORDS for sort in ("likes", "new", "visits")],
    "filters by state in turn": [f"/?state={state}&sdk={sdk}" for state in State for sdk in Sdk],
    "search": ["/?q=whisper"],
    "searches in turn": [f"/?q={one}+{other[:3]}" for one in WORDS[::7] for other in WORDS[::5]],
    "search while typing": ["/?q=whi&part=results"],
}
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
    kind = database.engine.dialect.name
    data = folder / kind
    spaces = some_spaces(database, RepositoryStore(PlatformSettings(data=data)), count=MANY)
    pages = PAGES | {"Space page": spaces[:1], "Space pages in turn": spaces}
    database.dispose()
    with _served(data, url) as hub:
        load = Load(hub, folder / "in-turn.lua")
        load.wait(["/floor"], RAMP_SECONDS)
        floor = load.wait(["/floor"], SECONDS)
        return [_row(f"{what}, {kind}", load, paths, floor, aim=AIMS[kind]) for what, paths in pages.items()]


def _row(what: str, load: "Load", paths: list[str], floor: tuple[float, float], *, aim: int) -> Row:
    load.ask_each(paths)
    load.wait(paths, RAMP_SECONDS)
    (middle, last), size = load.wait(paths, SECONDS), _compressed(load.hub + paths[0])
    ours = f"p50 {middle:.0f} ms, p99 {last:.0f} ms, {size / 1000:.1f} kB"
    beside = f"constant: p50 {floor[0]:.1f} ms, p99 {floor[1]:.1f} ms"
    return Row(what, ours, beside, last / floor[1], f"p99 < {aim} ms, < 100 kB")


def _compressed(address: str) -> int:
    page = httpx2.get(address, headers=_HEADERS).content
    return len(subprocess.run(["gzip", "-9"], input=page, capture_output=True, check=True).stdout)


_HEADERS = {"Host": "localhost", "Accept": "text/html"}


@dataclass(frozen=True)
class Load:
    """`script` is where wrk's own is written, which says what to ask for next."""

    hub: str
    script: Path

    def ask_each(self, paths: list[str]) -> None:
        """Once, so that what is made once for ever has been made."""
        with httpx2.Client(base_url=self.hub, headers=_HEADERS) as client:
            for path in paths:
                client.get(path).raise_for_status()

    def wait(self, paths: list[str], seconds: int) -> tuple[float, float]:
        """Milliseconds that half and 99 % of the readers' requests took at most."""
        listed = ", ".join(f'"{path}"' for path in paths)
        self.script.write_text(_IN_TURN % listed)
        headers = [word for name, value in _HEADERS.items() for word in ("-H", f"{name}: {value}")]
        load = ["wrk", "-t1", f"-c{READERS}", f"-d{seconds}", "--latency", "-s", str(self.script), *headers, self.hub]
        said = subprocess.run(load, capture_output=True, text=True, check=True).stdout
        half, most = (re.search(rf"{part}%\s+([\d.]+)(us|ms|s)\b", said) for part in (50, 99))
        if "Non-2xx" in said or half is None or most is None:
            raise RuntimeError(said)
        return _milliseconds(half), _milliseconds(most)


_IN_TURN = """
local paths, at = {%s}, 0
request = function() at = at %% #paths + 1; return wrk.format("GET", paths[at]) end
"""


def _milliseconds(found: "re.Match[str]") -> float:
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]


@contextmanager
def _served(data: Path, url: str) -> Iterator[str]:
    port = free_port()
    environment = os.environ | {"MINISPACES_DATA": str(data), "MINISPACES_DATABASE_URL": url}
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
