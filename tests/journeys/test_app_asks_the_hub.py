"""An app that signs people in asks the hub from where it runs: inside its walls, through the proxy, as itself."""

import json
import subprocess
import uuid
from pathlib import Path

import pytest
from support.installation import environment_for, installation

from .conftest import ENGINES

pytestmark = [pytest.mark.root, pytest.mark.timeout(600)]

APP = """
import base64, json, os, urllib.error, urllib.parse, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

HUB = os.environ["OPENID_PROVIDER_URL"]


def ask(path, form=None):
    key = f"{os.environ['OAUTH_CLIENT_ID']}:{os.environ['OAUTH_CLIENT_SECRET']}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(key).decode()} if form else {}
    body = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(urllib.request.Request(HUB + path, body, headers), timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


class Asking(BaseHTTPRequestHandler):
    def do_GET(self):
        said = [ask("/.well-known/openid-configuration"), ask("/oauth/token", {"grant_type": "refresh_token"})]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())


HTTPServer(("0.0.0.0", 7860), Asking).serve_forever()
"""


@pytest.fixture(params=ENGINES)
def at(request: pytest.FixtureRequest):
    """At an address of this machine, as names of tests are known to no server of names."""
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    options = ("--no-welcome", "--domain", addresses[0], "--apps-domain", "apps.localhost")
    with installation(request.param, environment=environment_for(request), extra=options) as made:
        yield made


def test_it_finds_the_hub_and_is_known_there(at, tmp_path: Path):
    person = at.add_person(f"u{uuid.uuid4().hex[:8]}")
    hub = at.extra[2]
    tree = person.work_on(
        "asking", tmp_path, {"README.md": "---\nsdk: gradio\nhf_oauth: true\n---\n", "app.py": APP}, hub=hub
    )
    done = tree.push()
    assert done.returncode == 0, done.stderr
    found, refused = json.loads(at.get(person.host_of("asking")).text)
    assert found["issuer"] == f"http://{hub}:{at.port}"
    assert refused["error"] == "invalid_grant"
