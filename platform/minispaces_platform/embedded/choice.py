"""Which engine this machine gets when nobody says: Docker where one answers, isolated processes elsewhere."""

import os
import socket
from pathlib import Path

_DEFAULT = "unix:///var/run/docker.sock"


def choose_engine(asked: str) -> str:
    """`process` or `docker`."""
    if asked != "auto":
        return asked
    return "docker" if docker_answers(os.environ.get("DOCKER_HOST", _DEFAULT)) else "process"


def docker_answers(host: str) -> bool:
    """A bare ping: enough to choose, without loading the SDK."""
    scheme, _, address = host.partition("://")
    try:
        if scheme == "unix":
            if not Path(address).exists():
                return False
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(2)
            connection.connect(address)
        else:
            name, _, port = address.partition(":")
            connection = socket.create_connection((name, int(port or 2375)), timeout=2)
        with connection:
            connection.sendall(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except (OSError, ValueError):
        return False
