"""Serve the platform: `python -m minispaces_platform`."""

import os
from pathlib import Path
from typing import Any

import uvicorn

from minispaces_contract.logs import configure_logs
from minispaces_platform.app import create_app
from minispaces_platform.settings import PlatformSettings


def main() -> None:
    settings = PlatformSettings()
    configure_logs("platform", settings.log_format)
    uvicorn.run(create_app(settings), **_listener(settings), **_OPTIONS)


_OPTIONS: dict[str, Any] = {
    "http": "httptools",  # refuses the framing tricks that h11 accepts (security F19)
    "proxy_headers": True,
    "forwarded_allow_ips": "*",  # only the proxy, and rooms that hold the token, can reach this listener
    "access_log": False,
    "log_config": None,
    "server_header": False,
    "timeout_graceful_shutdown": 3,
    "timeout_keep_alive": 75,
}


def _listener(settings: PlatformSettings) -> dict[str, Any]:
    if settings.internal_url.startswith("unix://") and not settings.listen:
        return {"uds": _socket(Path(settings.internal_url.removeprefix("unix://")))}
    host, _, port = (settings.listen or "0.0.0.0:8000").rpartition(":")
    return {"host": host, "port": int(port)}


def _socket(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    os.umask(0o077)
    return str(path)


if __name__ == "__main__":
    main()
