"""The hosts of hub and apps lead to this machine: browsers are told so, the C library knows them not."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def names_leading_here(suffix: str = ".localhost") -> Iterator[None]:
    resolve = socket.getaddrinfo

    def leading_here(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if name and name.endswith(suffix) else host, *rest, **options)

    with patch.object(socket, "getaddrinfo", leading_here):
        yield
