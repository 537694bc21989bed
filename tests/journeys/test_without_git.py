"""From the hub's forms to a running app and back: made by an upload, given a secret without a gap, stopped, deleted."""

import re
from collections.abc import Iterator

import httpx2
import pytest
from support.installation import Installation, Person
from support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)

SECRET = "sk-canary-4711"
README = b"---\nsdk: gradio\nsdk_version: 4.44.1\napp_file: app.py\n---\n"
APP = b"""
import http.server, os, socketserver

key = os.environ.get("API_KEY", "none")
print(f"starting with {key}", flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(key.encode())


http.server.ThreadingHTTPServer(("0.0.0.0", 7860), Handler).serve_forever()
"""


@pytest.fixture
def browser(at: Installation, person: Person) -> Iterator[httpx2.Client]:
    """Signed in by a one-time link."""
    link = re.search(r"/login/\S+", at.command("user", "login-link", person.name))
    assert link
    hub = f"http://localhost:{at.port}"
    with httpx2.Client(base_url=hub, headers={"Origin": hub}, timeout=60) as client:
        client.post(link[0])
        yield client


def test_a_space_is_made_changed_and_deleted_by_forms(at: Installation, person: Person, browser: httpx2.Client) -> None:
    space, host = f"/spaces/{person.name}/mine", person.host_of("mine")
    form = {"owner": person.name, "name": "mine", "visibility": "public", "hardware": "cpu-basic", "start": "upload"}
    files = [("files", ("README.md", README)), ("files", ("app.py", APP))]
    assert browser.post("/new-space", data=form, files=files).headers["location"] == space
    wait_for(lambda: at.get(host).text == "none", seconds=200)

    secret = {"key": "API_KEY", "value": SECRET, "kind": "secret"}
    assert browser.post(f"{space}/settings/variables", data=secret).status_code == 303
    seen: list[str] = []

    def answers_with_it() -> bool:
        seen.append(at.get(host).text)
        return seen[-1] == SECRET

    wait_for(answers_with_it, seconds=60)
    assert set(seen) <= {"none", SECRET}  # and never a page that says that it starts
    log = wait_for(lambda: (text := browser.get(f"{space}/logs?log=app").text) and "starting with" in text and text)
    assert ("••••" in log, SECRET in log) == (True, False)

    browser.post(f"{space}/stop")
    wait_for(lambda: "This app is stopped" in at.get(host, headers={"Accept": "text/html"}).text)
    browser.post(f"{space}/start")
    wait_for(lambda: at.get(host).text == SECRET, seconds=60)

    browser.post(f"{space}/settings/delete", data={"typed": f"{person.name}/mine"})
    assert browser.get(space).status_code == 404
    wait_for(lambda: "There is no app here" in at.get(host).text)
