"""An unmodified Gradio app with `gr.LoginButton`, over https, on names that browsers treat as they treat real ones.

Gradio always asks to be returned to https, so a proxy with a certificate of our own stands before hub and app.
"""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect
from support.browser import open_chromium
from support.certificates import issue_certificates
from support.installation import SHARED
from support.ports import free_port
from support.waiting import wait_for

from minispaces_contract.messages import Hardware
from minispaces_contract.states import Sdk
from minispaces_platform.accounts import links, service
from minispaces_platform.deployments.world import environment_of
from minispaces_platform.models.card import SpaceCard, SpaceOAuth
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import create_space
from minispaces_runner.haproxy import find_haproxy

from .conftest import start_hub

pytestmark = [pytest.mark.network, pytest.mark.browser]

APP = """
import gradio as gr

def greet(profile: gr.OAuthProfile | None, token: gr.OAuthToken | None) -> str:
    if profile is None:
        return "Nobody is signed in"
    return f"Hello {profile.username}, token {token.token[:10]} for {token.scope}"

with gr.Blocks() as demo:
    gr.LoginButton()
    greeting = gr.Markdown()
    demo.load(greet, None, greeting)
demo.launch()
"""
NAMES_LEAD_HERE = """
import socket
resolve = socket.getaddrinfo
def leading_here(host, *rest, **options):
    name = host.decode() if isinstance(host, bytes) else host
    return resolve("127.0.0.1" if name and name.endswith(".test") else host, *rest, **options)
socket.getaddrinfo = leading_here
"""
PROXY = """
global
    maxconn 200
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend edge
    bind 127.0.0.1:{port} ssl crt {certificate}
    http-request set-header X-Forwarded-Proto https
    http-request set-header X-Forwarded-Host %[req.hdr(host)]
    http-request set-header X-Forwarded-For %[src]
    use_backend hub if {{ req.hdr(host) -m beg hub.test }}
    default_backend app
backend hub
    server hub 127.0.0.1:{hub}
backend app
    server app 127.0.0.1:{app}
"""


def gradio_python(folder: Path) -> Path:
    """An environment of its own with Gradio, packages from the cache that all tests share."""
    uv, python = [sys.executable, "-m", "uv"], folder / "venv/bin/python"
    cache = os.environ | {"UV_CACHE_DIR": SHARED["MINISPACES_UV_CACHE_DIR"], "UV_SYSTEM_CERTS": "1"}
    subprocess.run([*uv, "venv", "-q", folder / "venv"], env=cache, check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--python", python, "gradio[oauth]==6.31.0"], env=cache, check=True)
    return python


@pytest.fixture
def stack():
    with ExitStack() as made:
        yield made


def start(stack, argv, *, log, **environment):
    with log.open("wb") as file:
        process = subprocess.Popen(argv, env=os.environ | environment, stdout=file, stderr=file)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


@dataclass
class Site:
    """Where the hub and the app are, and a link that signs vera in to the hub."""

    hub: str
    app: str
    link: str


@pytest.fixture
def site(stack, tmp_path):
    edge, app_port = free_port(), free_port()
    hub, settings = start_https_hub(stack, tmp_path / "hub", edge)
    with hub.database.writing() as session:
        space = create_space(session, service.add_user(session, "olga"), "board")
        space.card = SpaceCard(sdk=Sdk.GRADIO, title="Board", oauth=SpaceOAuth(scopes=("email",)))
        secret = links.create_login_link(session, service.add_user(session, "vera"))
        environment = environment_of(space, Hardware(), settings)
    issue_certificates(tmp_path)
    config = PROXY.format(port=edge, certificate=tmp_path / "edge.pem", hub=hub.settings.port, app=app_port)
    (tmp_path / "haproxy.cfg").write_text(config)
    start(stack, [find_haproxy(), "-db", "-f", tmp_path / "haproxy.cfg"], log=tmp_path / "proxy.log")
    start_gradio(stack, tmp_path, app_port, environment)
    return Site(settings.hub_url, settings.url_of("olga-board.apps.test"), f"{settings.hub_url}/login/{secret}")


def start_https_hub(stack, data, port):
    data.mkdir()
    hub = start_hub(
        stack, data, MINISPACES_SCHEME="https", MINISPACES_DOMAIN="hub.test", MINISPACES_APPS_DOMAIN="apps.test",
        MINISPACES_PORT=str(port),
    )  # fmt: skip
    return hub, PlatformSettings(data=data, domain="hub.test", apps_domain="apps.test", scheme="https", port=port)


def start_gradio(stack, folder, port, environment):
    """Answers once this returns."""
    (folder / "app.py").write_text(APP)
    (folder / "names").mkdir()
    (folder / "names/sitecustomize.py").write_text(NAMES_LEAD_HERE)
    start(
        stack, [gradio_python(folder), folder / "app.py"], log=folder / "app.log", **environment, SYSTEM="spaces",
        SSL_CERT_FILE=str(folder / "ca.pem"), PYTHONPATH=str(folder / "names"), GRADIO_SERVER_PORT=str(port),
        GRADIO_ANALYTICS_ENABLED="False", HF_HOME=str(folder),
    )  # fmt: skip
    wait_for(lambda: answers(port), seconds=120)


@pytest.fixture
def page(stack):
    browser = stack.enter_context(open_chromium())
    return browser.new_context(ignore_https_errors=True).new_page()


def test_the_login_button_signs_in_and_the_app_knows_who(site, page):
    page.goto(site.app)
    expect(page.get_by_text("Nobody is signed in")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name=re.compile("Sign in")).click()
    expect(page).to_have_url(re.compile(r"hub\.test.*/login\?next="))
    page.goto(site.link)
    page.get_by_role("button", name="Sign in as vera").click()
    page.goto(f"{site.app}/login/huggingface")
    expect(page.get_by_text("see your e-mail address")).to_be_visible()
    page.get_by_role("button", name="Allow, as vera").click()
    expect(page.get_by_text("Hello vera, token msp_oauth_ for openid profile email")).to_be_visible(timeout=60_000)
    assert page.url.startswith(site.app)


def answers(port):
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/config").status_code == 200
    except httpx2.HTTPError:
        return False
