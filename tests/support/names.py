"""The hosts of apps lead to this machine: browsers know that of `*.localhost`, the C library does not."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def localhost_names() -> Iterator[None]:
    resolve = socket.getaddrinfo

    def leading_here(host: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        return resolve("127.0.0.1" if name and name.endswith(".localhost") else host, *rest, **options)

    with patch.object(socket, "getaddrinfo", leading_here):
        yield
