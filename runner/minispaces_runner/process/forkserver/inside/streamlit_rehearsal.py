"""One whole start of a small Streamlit app, in a child: what it loads is loaded here as well.

In this process it cannot be: Streamlit's runtime lives once in a process, and no start comes after it.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_APP = Path("/tmp/rehearsal.py")  # noqa: S108  # nobody else has this folder
_SECONDS = 20


def rehearse(*, once: bool) -> None:
    """Raises whatever goes wrong."""
    for name in _loaded_by_a_start():
        with suppress(Exception):
            importlib.import_module(name)
    if once:
        _look_for_components_once()


def _loaded_by_a_start() -> list[str]:
    """Names of modules."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = int(listener.getsockname()[1])
    listener.close()
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _start(port, theirs)
    os.close(theirs)
    with os.fdopen(ours) as told:
        names = told.read()
    os.waitpid(child, 0)
    if not names:
        raise RuntimeError("it did not answer")
    return [str(name) for name in json.loads(names)]


def _start(port: int, told: int) -> NoReturn:
    """The child: it ends when the app answers, or does not."""
    try:
        from streamlit.web import cli

        threading.Thread(target=_tell, args=(port, told), daemon=True).start()
        _APP.write_text("import streamlit\nstreamlit.title('rehearsal')\n")
        options = {"server.port": str(port), "server.address": "127.0.0.1", "server.headless": "true"}
        options |= {"server.fileWatcherType": "none", "browser.gatherUsageStats": "false"}
        sys.argv = ["streamlit", "run", str(_APP), *(word for key in options for word in (f"--{key}", options[key]))]
        cli.main()
    finally:
        os._exit(1)


def _tell(port: int, told: int) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            if connection.recv(64).startswith(b"HTTP/1.1 200"):
                os.write(told, json.dumps(sorted(sys.modules)).encode())
                break
        time.sleep(0.02)
    os._exit(0)


def _look_for_components_once() -> None:
    """Streamlit reads every package's metadata for it, half of a start. Versions before 1.51 do not."""
    with suppress(ImportError):
        from streamlit.components.v2 import manifest_scanner

        scan, found = manifest_scanner.scan_component_manifests, manifest_scanner.scan_component_manifests()

        def remember(max_workers: int | None = None) -> list[object]:
            return scan(max_workers) if _brings_packages() else list(found)

        manifest_scanner.scan_component_manifests = remember


def _brings_packages() -> bool:
    """Whether the app has some beside its environment's."""
    own = [place for place in sys.path if not place.startswith((sys.prefix, sys.base_prefix))]
    return any(True for place in own for _ in Path(place).glob("*-info"))
