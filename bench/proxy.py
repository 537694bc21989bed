"""Small requests through the data plane, beside nginx as a proxy to the same backend.

Once nginx only forwards, and once it does most of the same work: it takes off what a client says of itself and the
hub's cookies, and tells app and visitor the request's number. It counts no visits, and knows one spelling of each name.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx2
from pydantic import SecretStr
from support.ports import free_port
from support.waiting import wait_for

from bench.checker import COOKIE, seal
from bench.measure import Row, alternate, median
from minispaces_platform.edge.passes import make_pass
from minispaces_platform.settings import PlatformSettings

ROUNDS = 5
WRK_SECONDS = 4
NGINX = """
daemon off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  {servers}
}}
"""
BACKEND = 'server {{ listen 127.0.0.1:{backend}; location / {{ return 200 "hello\\n"; }} }}'
PEER = """
  upstream app {{ server 127.0.0.1:{backend}; keepalive 128; }}
  map $host $known {{ default 0; app.apps.localhost 1; }}
  map $http_cookie $own_cookies {{ default $http_cookie; "~(^|;) *(__Host-minispaces|minispaces_)" ""; }}
  upstream checker {{ server 127.0.0.1:{checker}; keepalive 128; }}
  server {{
    listen 127.0.0.1:{asking};
    location = /check {{
      internal; proxy_pass http://checker; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_pass_request_body off; proxy_set_header Content-Length "";
    }}
    location / {{
      auth_request /check;
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_buffering off;
    }}
  }}
  server {{
    listen 127.0.0.1:{forwarding};
    location / {{
      if ($known = 0) {{ return 404; }}
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto http;
      proxy_buffering off;
    }}
  }}
  server {{
    listen 127.0.0.1:{peer};
    location / {{
      if ($request_method !~ "^[A-Z][A-Z-]*$") {{ return 405; }}
      if ($known = 0) {{ return 404; }}
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto http;
      proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Request-Id $request_id; add_header X-Request-Id $request_id always;
      {forged}
      proxy_set_header Cookie $own_cookies;
      proxy_buffering off;
    }}
  }}
"""


FORGED = (
    "Forwarded", "X-Real-IP", "X-Original-URL", "X-Client-IP", "X-Remote-User", "X-Authenticated-User", "Proxy", "Via",
    "X-Forwarded-User", "X-Forwarded-Groups", "X-Forwarded-Email", "X-Forwarded-Preferred-Username", "Remote-User",
    "Remote-Groups", "Remote-Email", "X-Minispaces-Identity", "X-SP-UserId", "X-SP-UserGroups", "True-Client-IP",
    "X-HF-Authorization",
)  # fmt: skip
PUBLIC, PRIVATE = "app.apps.localhost", "mine.apps.localhost"
EDGE_KEY = "k" * 43


@dataclass(frozen=True)
class Visit:
    """Who asks which server for which host."""

    port: int
    host: str = PUBLIC
    cookie: str = ""


@dataclass(frozen=True)
class Ports:
    """Of our proxy; of nginx that does the same, only forwards, asks a Python program; of that program, of the app."""

    ours: int
    peer: int
    forwarding: int
    asking: int
    checker: int
    backend: int


def measure_requests() -> list[Row]:
    with (
        tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp") as name,
        _servers(Path(name)) as (ours, peer, forwarding, mine, asking),
    ):
        public, same, floors = alternate(ROUNDS, lambda: _rate(ours), lambda: _rate(peer), lambda: _rate(forwarding))
        again, private, asked = alternate(ROUNDS, lambda: _rate(ours), lambda: _rate(mine), lambda: _rate(asking))
    return [
        _row("requests through the proxy", public, "nginx", same, aim=">= 0.9"),
        _row("requests through the proxy", public, "nginx that only forwards", floors, aim=""),
        _row("requests for a private app", private, "public", again, aim=">= 0.8"),
        _row("requests for a private app", private, "nginx, auth_request to Python", asked, aim=">= 3"),
    ]


def _row(what: str, ours: list[float], name: str, theirs: list[float], *, aim: str) -> Row:
    rate, beside = median(ours), median(theirs)
    return Row(what, f"{rate:,.0f}/s", f"{name} {beside:,.0f}/s", rate / beside, aim)


def _rate(visit: Visit) -> float:
    headers = ["-H", f"Host: {visit.host}", *(["-H", f"Cookie: {visit.cookie}"] if visit.cookie else [])]
    said = subprocess.run(
        [*_on_core(0), "wrk", "-t1", "-c64", f"-d{WRK_SECONDS}", *headers, f"http://127.0.0.1:{visit.port}/"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said:
        raise RuntimeError(said)
    return float(found[1])


@contextmanager
def _servers(folder: Path) -> Iterator[tuple[Visit, ...]]:
    """Proxies, and what they ask, on one core; the load generator and the app on the other."""
    ports = Ports(*(free_port() for _ in range(6)))
    for name, servers in (("backend", BACKEND), ("peer", PEER)):
        forged = " ".join(f'proxy_set_header {header} "";' for header in FORGED)
        filled = servers.format(forged=forged, **asdict(ports))
        (folder / f"{name}.conf").write_text(NGINX.format(folder=folder, name=name, servers=filled))
    _write_maps(folder / "proxy", backend=ports.backend)
    visits = _visits(ports)
    with ExitStack() as stack:
        for argv in _programs(folder, ports):
            process = stack.enter_context(subprocess.Popen(argv, env=_environment(folder, ports.ours)))
            stack.callback(process.terminate)
        wait_for((folder / "proxy.sock").exists)
        for visit in visits:
            wait_for(lambda visit=visit: _answers(visit))
        yield visits


def _answers(visit: Visit) -> bool:
    try:
        answer = httpx2.get(f"http://127.0.0.1:{visit.port}/", headers={"Host": visit.host, "Cookie": visit.cookie})
    except httpx2.HTTPError:
        return False
    return answer.status_code == httpx2.codes.OK


def _visits(ports: Ports) -> tuple[Visit, ...]:
    settings = PlatformSettings(edge_key=SecretStr(EDGE_KEY))
    token = make_pass(settings, host=PRIVATE, key="session:one", seconds=3600)
    checked = f"{COOKIE}=somebody.{seal(b'somebody').hex()}"
    return (
        Visit(ports.ours), Visit(ports.peer), Visit(ports.forwarding),
        Visit(ports.ours, PRIVATE, f"minispaces_app={token}"), Visit(ports.asking, PRIVATE, checked),
    )  # fmt: skip


def _write_maps(folder: Path, *, backend: int) -> None:
    folder.mkdir()
    target = f"127.0.0.1|{backend}|bench"
    maps = {
        "routes": f"{PUBLIC} {target}\n{PRIVATE} {target}\n",
        "doors": f"{PUBLIC} open|s0\n{PRIVATE} members|s1\n",
        "keys": "session:one user:one\n",
        "allowed": "user:one|s1 1\n",
    }
    for name, text in maps.items():
        (folder / f"{name}.map").write_text(text)


def _programs(folder: Path, ports: Ports) -> list[list[str]]:
    checker = ["uvicorn", "bench.checker:app", "--port", str(ports.checker), "--log-level", "error"]
    return [
        [*_on_core(0), "nginx", "-c", str(folder / "backend.conf")],
        [*_on_core(1), "nginx", "-c", str(folder / "peer.conf")],
        [*_on_core(1), sys.executable, "-m", *checker, "--no-access-log", "--lifespan", "off"],
        [*_on_core(1), sys.executable, "-m", "minispaces_runner.proxy"],
    ]


def _on_core(number: int) -> list[str]:
    """Rates are per core: who shares one with whom must not be left to chance."""
    return ["taskset", "-c", str(sorted(os.sched_getaffinity(0))[number])]


def _environment(folder: Path, port: int) -> dict[str, str]:
    return os.environ | {
        "MINISPACES_DATA": str(folder), "MINISPACES_RUN": str(folder), "MINISPACES_PORT": str(port),
        "MINISPACES_PROXY_BIND": f"127.0.0.1:{port}", "MINISPACES_EDGE_KEY": EDGE_KEY,
    }  # fmt: skip
