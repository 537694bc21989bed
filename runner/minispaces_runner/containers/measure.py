"""What a container uses, from one of Docker's one-shot statistics."""

import io
import tarfile
from typing import Any

import docker.errors
from docker.models.containers import Container

from minispaces_runner.engine import Used
from minispaces_runner.process.flagged import FOLDERS, MOST_BYTES, MOST_FILES, NAME

_MOST_ARCHIVE = 16 << 20
_APP = "/home/user/app"


def measure(container: Container) -> Used:
    found = container.stats(stream=False, one_shot=True)
    return used_of(found) if isinstance(found, dict) else Used()


def used_of(stats: dict[str, Any]) -> Used:
    """As `docker stats` counts: without the files that the kernel could forget."""
    memory = stats.get("memory_stats") or {}
    details = memory.get("stats") or {}
    idle = details.get("total_inactive_file", details.get("inactive_file", 0))
    networks = (stats.get("networks") or {}).values()
    return Used(
        cpu_seconds=stats["cpu_stats"]["cpu_usage"]["total_usage"] / 1e9,
        memory=max(0, memory.get("usage", 0) - idle),
        memory_limit=memory.get("limit", 0),
        received=sum(each["rx_bytes"] for each in networks),
        sent=sum(each["tx_bytes"] for each in networks),
    )


def flagged_files(container: Container) -> list[bytes]:
    """Docker reads the folder as a tar stream, within the container's own root; links in it are left alone."""
    found: list[bytes] = []
    for folder in FOLDERS:
        try:
            stream, _ = container.get_archive(f"{_APP}/{folder}")
        except docker.errors.NotFound:
            continue
        held = io.BytesIO()
        for chunk in stream:
            held.write(chunk)
            if held.tell() > _MOST_ARCHIVE:  # pictures beside the samples: what was read so far will do
                break
        found += csv_files(held.getvalue())
    return found[:MOST_FILES]


def csv_files(archive: bytes) -> list[bytes]:
    found: list[bytes] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                _, _, name = member.name.partition("/")
                if member.isreg() and NAME.fullmatch(name) and (file := tar.extractfile(member)):
                    found.append(file.read(MOST_BYTES))
    except tarfile.ReadError:  # cut in the middle
        pass
    return found
