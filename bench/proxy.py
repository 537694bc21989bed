"""Small requests through the data plane, beside nginx as a proxy to the same backend."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.ports import free_port
from support.waiting import wait_for

from bench.measure import Row, alternate, median, until_answer

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
  server {{
    listen 127.0.0.1:{peer};
    location / {{
      if ($known = 0) {{ return 404; }}
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto http;
      proxy_buffering off;
    }}
  }}
"""


def measure_requests() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="ms-", dir="/tmp") as name, _servers(Path(name)) as (ours, beside):
        rates, floors = alternate(ROUNDS, lambda: _rate(ours), lambda: _rate(beside))
    return [
        Row("requests through the proxy", f"{median(rates):,.0f}/s", f"nginx {median(floors):,.0f}/s",
            median(rates) / median(floors), ">= 0.9")
    ]  # fmt: skip


def _rate(port: int) -> float:
    said = subprocess.run(
        ["wrk", "-t1", "-c64", f"-d{WRK_SECONDS}", "-H", "Host: app.apps.localhost", f"http://127.0.0.1:{port}/"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said:
        raise RuntimeError(said)
    return float(found[1])


@contextmanager
def _servers(folder: Path) -> Iterator[tuple[int, int]]:
    """One worker each, as the comparison is per core: the load generator has the other."""
    ours, beside, backend = free_port(), free_port(), free_port()
    for name, servers in (("backend", BACKEND), ("peer", PEER)):
        text = NGINX.format(folder=folder, name=name, servers=servers.format(backend=backend, peer=beside))
        (folder / f"{name}.conf").write_text(text)
    routes = folder / "proxy" / "routes.map"
    routes.parent.mkdir()
    routes.write_text(f"app.apps.localhost 127.0.0.1|{backend}|bench\n")
    environment = os.environ | {
        "MINISPACES_DATA": str(folder), "MINISPACES_RUN": str(folder), "MINISPACES_PORT": str(ours),
        "MINISPACES_PROXY_BIND": f"127.0.0.1:{ours}",
    }  # fmt: skip
    with (
        subprocess.Popen(["nginx", "-c", str(folder / "backend.conf")]) as server,
        subprocess.Popen(["nginx", "-c", str(folder / "peer.conf")]) as peer,
        subprocess.Popen([sys.executable, "-m", "minispaces_runner", "proxy"], env=environment) as proxy,
    ):
        try:
            wait_for((folder / "proxy.sock").exists)
            for port in (ours, beside):
                until_answer(f"http://127.0.0.1:{port}/", host="app.apps.localhost", limit=20)
            yield ours, beside
        finally:
            proxy.terminate()
            peer.terminate()
            server.terminate()
