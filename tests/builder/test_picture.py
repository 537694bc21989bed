"""Pictures of apps, taken by the machine's Chromium in its sandbox, where the proxy's socket is all there is."""

import http.server
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from minispaces_builder.picture import take_picture
from minispaces_builder.settings import BuilderSettings
from minispaces_contract.browser import find_browser
from minispaces_contract.messages import PictureOrder

PAGE = b"""<!doctype html><title>x</title><style>body { background: teal }</style>
<img src="http://127.0.0.1:9/pixel"><script>
  fetch("http://169.254.169.254/latest/meta-data").catch(() => {}); alert("I stop everything");
</script>"""


class Proxy(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Notes who is asked for, and with which cookie."""

    daemon_threads = True
    status = 200

    def __init__(self, path: Path) -> None:
        self.asked: list[tuple[str, str, str]] = []
        super().__init__(str(path), Handler)
        path.chmod(0o666)


class Handler(http.server.BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.asked.append((self.headers["host"], self.path, self.headers.get("cookie", "")))
        self.send_response(self.server.status)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_words: object) -> None:
        pass

    def address_string(self) -> str:
        return "socket"


@pytest.fixture
def settings(short_dir: Path) -> BuilderSettings:
    return BuilderSettings(data=short_dir, run=short_dir)


@pytest.fixture
def proxy(settings: BuilderSettings) -> Iterator[Proxy]:
    with Proxy(settings.apps_socket) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("url", "cookie"),
    [
        ("http://a.apps.localhost:8080/start", "minispaces_app=pass"),
        ("https://a.apps.example.org/start", "__Host-minispaces-app=pass"),
    ],
    ids=["http", "https"],
)
def test_a_picture_of_a_page_and_of_nothing_else(proxy, settings, url, cookie):
    picture = take_picture(PictureOrder(url=url, cookie="pass"), settings)
    assert picture is not None
    assert picture[8:12] == b"WEBP"
    assert (url.split("/")[2], "/start", cookie) in proxy.asked
    assert all(cookies == "" for host, _, cookies in proxy.asked if url.split("/")[2] != host)


@pytest.mark.browser
def test_there_is_no_picture_of_an_error(proxy, settings):
    proxy.status = 503
    assert take_picture(PictureOrder(url="http://a.apps.localhost/"), settings) is None


def test_without_a_browser_there_is_no_picture(proxy, settings):
    chosen = settings.model_copy(update={"browser": "none"})
    assert take_picture(PictureOrder(url="http://a.apps.localhost/"), chosen) is None
    assert proxy.asked == []


def test_the_browser_is_the_one_chosen_else_the_first_on_the_path(tmp_path):
    for name in ("google-chrome", "chromium"):
        (tmp_path / name).touch(mode=0o755)
    environ = {"PATH": str(tmp_path)}
    assert find_browser("", environ) == tmp_path / "chromium"
    assert find_browser(str(tmp_path / "google-chrome"), environ) == tmp_path / "google-chrome"
    assert find_browser("/nowhere/chrome", environ) is None
    assert find_browser("none", environ) is None
