"""What there is on the machine of an installation: on disk, in the kernel, and in the proxy's maps."""

import hashlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from celery import Celery
from redis import Redis
from support.installation import Installation

from minispaces_platform.installation import run_folder

_FOLDERS = ("instances/[0-9a-f]*", "bundles/*/*", "repos/*.git", "storage/*", "thumbnails/*", "builds/*")
_MAPS = ("routes", "doors")
_QUEUE = "builds"


def things(at: Installation) -> set[str]:
    """Of single Spaces; what all share (environments, fork servers, caches) is left out."""
    mark = hashlib.sha256(str(at.data.resolve()).encode()).hexdigest()[:4]
    found = {str(path.relative_to(at.data)) for pattern in _FOLDERS for path in at.data.glob(pattern)}
    found |= {line for name in _MAPS for line in (at.data / "proxy" / f"{name}.map").read_text().splitlines()}
    found |= {each.name for each in Path("/sys/class/net").glob(f"spc{mark}*")}
    found |= {str(each) for each in Path("/sys/fs/cgroup").glob(f"*/minispaces-{mark}/*/")}
    return found | {mount for mount in _mounts(at) if "/instances/" in mount or "/storage/" in mount}


def collect(at: Installation) -> None:
    """What the janitor has done every five minutes; not while the builder has anything to do, which comes first."""
    socket = f"{run_folder(at.data)}/redis.sock"
    with Redis(unix_socket_path=socket) as client, Celery(broker=f"redis+socket://{socket}") as queue:
        if not client.llen(_QUEUE):
            queue.send_task("builder.collect", queue=_QUEUE, retry=False)


@contextmanager
def collecting(at: Installation, *, every: float) -> Iterator[None]:
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(every):
            collect(at)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def switch_off(at: Installation) -> None:
    """As when the machine loses its power: nothing in the kernel is left, nor what lay under /run."""
    at.kill()
    for _ in range(2):
        for trace in at.traces():
            with suppress(ValueError, ProcessLookupError):
                os.kill(int(trace.removeprefix("process ")), signal.SIGKILL)
    for mount in sorted(_mounts(at), reverse=True):
        subprocess.run(["umount", "-l", mount], check=True)
    subprocess.run(["rm", "-rf", str(run_folder(at.data))], check=True)


def _mounts(at: Installation) -> set[str]:
    below = f"{at.data}/"
    return {
        place for line in Path("/proc/mounts").read_text().splitlines() if (place := line.split()[1]).startswith(below)
    }
