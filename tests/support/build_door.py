"""The platform's internal door, for a builder without a platform."""

import io
import json
import tarfile
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from minispaces_contract.messages import AppConfig, BuildReport, BuildSpec, KeptArtifacts
from minispaces_contract.states import Sdk

TOKEN = "t0ken"
_DEADLINE = 60


class Door:
    """The platform's internal door as the contract describes it: one build, whose lease can be taken away."""

    def __init__(self):
        self.files = {"index.html": "hello"}
        self.spec = BuildSpec(
            build_id="b1",
            attempt=1,
            space_id="s1",
            space="ada/demo",
            version=7,
            commit="0123456789abcdef",
            branch="main",
            config=AppConfig(sdk=Sdk.STATIC, warnings=("odd key",)),
            lease_seconds=0.3,
        )
        self.lost = False
        self.away = 0
        """So many requests are answered by 503."""
        self.reports: list[BuildReport] = []
        self.heartbeats = 0
        self.changed = threading.Condition()

    def answer(self, method, path, body):
        if self.away:
            self.away -= 1
            return 503, b""
        parts = urlsplit(path)
        action = parts.path.removeprefix("/internal/builds/b1/")
        if action == "claim":
            return 200, self.spec.model_dump_json().encode()
        if parts.path == "/internal/artifacts":
            return 200, KeptArtifacts(images=(), bundles=(), environments=()).model_dump_json().encode()
        if parts.path.startswith("/internal/builds/b1/"):
            attempt = parse_qs(parts.query).get("attempt") or [json.loads(body)["attempt"]]
            return self._leased(action, body) if int(attempt[0]) == 1 and not self.lost else (409, b"")
        return 404, b""

    def _leased(self, action, body):
        with self.changed:
            if action == "report":
                self.reports.append(BuildReport.model_validate_json(body))
            self.heartbeats += action == "heartbeat"
            self.changed.notify_all()
        return 200, _archive(self.files) if action == "source" else b"{}"

    def wait(self, condition):
        with self.changed:
            assert self.changed.wait_for(condition, timeout=_DEADLINE)


def _archive(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


@contextmanager
def serving(door):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            right = self.headers["Authorization"] == f"Bearer {TOKEN}"
            status, answer = door.answer(self.command, self.path, body) if right else (403, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815  # http.server's spelling

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
