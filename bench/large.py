"""A push of 200 MB, beside git http-backend behind nginx."""

import os
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.git import WorkingTree, git
from support.installation import installation
from support.ports import free_port
from support.waiting import wait_for

from bench.measure import Row, alternate, median, random_files, seconds

FILES, MEGABYTES = 20, 10
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
events {{}}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi;
  proxy_temp_path {folder}/proxy; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      fastcgi_pass unix:{folder}/fcgi.sock; fastcgi_request_buffering off; fastcgi_buffering off;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME /usr/lib/git-core/git-http-backend;
      fastcgi_param GIT_PROJECT_ROOT {folder}/repos; fastcgi_param GIT_HTTP_EXPORT_ALL ""; fastcgi_param NO_BUFFERING 1;
      fastcgi_param PATH_INFO $uri; fastcgi_param REMOTE_USER bench;
    }}
  }}
}}
"""


def measure_large_push() -> list[Row]:
    stored = {"MINISPACES_KEPT_PREVIEWS": "0"}
    with (
        installation("process", environment=stored) as at,
        tempfile.TemporaryDirectory() as folder,
        peer(Path(folder)) as url,
    ):
        person = at.add_person(f"u{uuid.uuid4().hex[:8]}")
        tree = person.work_on("large", Path(folder) / "work", {"README.md": "---\nsdk: static\n---\n"})
        random_files(tree.folder, count=FILES, megabytes=MEGABYTES)
        tree.commit()
        spaces = tree.remote.rpartition("/")[0]
        pushes, floors = alternate(
            3,
            lambda: _pushed(tree, f"{spaces}/large-{uuid.uuid4().hex[:8]}"),
            lambda: _pushed(tree, f"{url}/{_fresh_repository(Path(folder))}"),
        )
        return [
            Row(f"push of {FILES * MEGABYTES} MB", seconds(pushes), f"http-backend behind nginx {seconds(floors)}",
                median(pushes) / median(floors), "<= 1.2")
        ]  # fmt: skip


def _pushed(tree: WorkingTree, remote: str) -> float:
    """To a branch that is neither deployed nor built: both sides only store it."""
    begun = time.perf_counter()
    git(tree.folder, "push", remote, "main:refs/heads/data")
    return time.perf_counter() - begun


def _fresh_repository(folder: Path) -> str:
    name = f"{uuid.uuid4().hex}.git"
    path = folder / "repos" / name
    path.parent.mkdir(exist_ok=True)
    git(path.parent, "init", "--quiet", "--bare", name)
    git(path, "config", "http.receivepack", "true")
    git(path, "config", "receive.fsckObjects", "true")
    git(path, "config", "core.fsync", "all")
    return name


@contextmanager
def peer(folder: Path) -> Iterator[str]:
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port))
    with (
        subprocess.Popen(["fcgiwrap", "-s", f"unix:{folder}/fcgi.sock", "-c", "4"], start_new_session=True) as wrapper,
        subprocess.Popen(["nginx", "-c", str(configuration)], stderr=subprocess.DEVNULL) as server,
    ):
        try:
            wait_for(lambda: (folder / "fcgi.sock").exists() and (folder / "nginx.pid").exists())
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            os.killpg(wrapper.pid, signal.SIGTERM)  # it leaves its children behind
