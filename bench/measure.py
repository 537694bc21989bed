"""Clocks, medians, and the table."""

import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2


@dataclass(frozen=True)
class Row:
    """`ratio` is ours over the floor's (for rates: the other way round means better); `aim` is in words."""

    what: str
    ours: str
    floor: str
    ratio: float
    aim: str


def table(rows: list[Row]) -> str:
    head = ["what", "ours", "beside", "ratio", "aim"]
    cells = [[row.what, row.ours, row.floor, f"{row.ratio:.2f}", row.aim] for row in rows]
    widths = [max(len(line[column]) for line in [head, *cells]) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in [head, *cells]]
    return "\n".join(line.rstrip() for line in lines)


def alternate(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """Each measure once per round, the order turned round each time, so that drift hits all alike."""
    taken: list[list[float]] = [[] for _ in measures]
    for number in range(rounds):
        order = range(len(measures)) if number % 2 == 0 else reversed(range(len(measures)))
        for index in order:
            taken[index].append(measures[index]())
    return taken


def median(values: list[float]) -> float:
    return statistics.median(values)


def seconds(values: list[float]) -> str:
    return f"{median(values):.2f} s ({min(values):.2f}-{max(values):.2f})"


def until_answer(url: str, *, host: str = "", marker: str = "", limit: float = 300) -> float:
    """Seconds until `url` answers 200 with `marker` in its text, asked every 5 ms."""
    begun = time.perf_counter()
    with httpx2.Client(headers={"Host": host} if host else {}, timeout=5, verify=False) as client:  # no TLS
        while time.perf_counter() - begun < limit:
            with suppress(httpx2.HTTPError):
                answer = client.get(url)
                if answer.status_code == httpx2.codes.OK and marker in answer.text:
                    return time.perf_counter() - begun
            time.sleep(0.005)
    raise TimeoutError(url)


def random_files(folder: Path, *, count: int, megabytes: int) -> None:
    """Files that do not compress."""
    with Path("/dev/urandom").open("rb") as noise:
        for number in range(count):
            (folder / f"{number}.bin").write_bytes(noise.read(megabytes << 20))
