"""Importing: from a real git server over HTTP, and from nowhere inside a network."""

import ipaddress
import socket
from contextlib import ExitStack, closing

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route
from support.served import served

from minispaces_platform.creating import fetching, remotes
from minispaces_platform.creating.remotes import find_remote, is_public
from minispaces_platform.error_pages import install_error_pages
from minispaces_platform.errors import InvalidError
from minispaces_platform.models.imports import Import, ImportStatus
from minispaces_platform.models.spaces import Space
from minispaces_platform.repos import http as git_http
from minispaces_platform.repos.landing import tip_of


@pytest.fixture
def listen():
    """Serves an application, and says where."""
    with ExitStack() as stack:

        def listen(app) -> str:
            listener = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
            stack.enter_context(served(app, listener))
            return f"http://localhost:{listener.getsockname()[1]}"

        yield listen


@pytest.fixture
def server(parts, listen):
    """The hub over HTTP, as git clones from it."""
    app = FastAPI()
    app.state.parts = parts
    install_error_pages(app)
    app.include_router(git_http.router)
    return listen(app)


@pytest.fixture
def inside(parts, monkeypatch):
    monkeypatch.setattr(parts.settings, "import_from_private", True)


def state_of(parts) -> tuple[ImportStatus, str]:
    with parts.database.reading() as session:
        found = session.scalars(select(Import).order_by(Import.id.desc())).first()
        return found.status, found.words


def test_a_repository_comes_with_its_history_and_says_what_it_is(make, signed_in, parts, server, inside):
    make("static", "origin")
    answer = make("import", url=f"{server}/spaces/ada/origin")
    assert answer.headers["location"] == "/spaces/ada/mine/import"
    assert state_of(parts) == (ImportStatus.DONE, "README.md says: sdk static.")
    with parts.database.reading() as session:
        origin, made = session.scalars(select(Space).order_by(Space.id)).all()
    assert tip_of(parts.store, made.id, "main") == tip_of(parts.store, origin.id, "main")
    assert (made.card, made.versions) == (origin.card, 1)
    assert "Open the Space" in signed_in.get("/spaces/ada/mine/import").text


def test_what_no_readme_says_is_assumed_in_words(make, parts, server, inside):
    make("upload", "origin", files=[("app.py", b"import gradio as gr\n")])
    make("import", url=f"{server}/spaces/ada/origin")
    assert state_of(parts)[1] == "README.md names no SDK; gradio is assumed, because app.py imports gradio."


def test_a_failed_import_says_why_and_can_be_tried_again(make, signed_in, parts, server, inside):
    make("import", url=f"{server}/spaces/ada/nothing")
    assert state_of(parts) == (
        ImportStatus.FAILED,
        "That repository is private, or is not there. Look at the address, or push the repository with git.",
    )
    assert "Try again" in signed_in.get("/spaces/ada/mine/import").text
    make("static", "origin")
    signed_in.post("/spaces/ada/mine/import", data={"url": f"{server}/spaces/ada/origin"})
    assert state_of(parts)[0] is ImportStatus.DONE
    again = signed_in.post("/spaces/ada/mine/import", data={"url": f"{server}/spaces/ada/origin"})
    assert (again.status_code, "has files already" in again.text) == (409, True)


def test_what_is_too_large_or_takes_too_long_is_given_up(make, parts, server, inside, monkeypatch):
    make("upload", "origin", files=[("big.bin", bytes(range(256)) * 8192)])
    monkeypatch.setattr(fetching, "SECONDS", -1)
    make("import", "slow", url=f"{server}/spaces/ada/origin")
    assert "This took longer" in state_of(parts)[1]


def test_nobody_is_led_on_to_another_address(make, parts, listen, inside):
    asked = []

    async def secret(request):
        asked.append(request.url.path)
        return PlainTextResponse("for the inside only")

    hidden = listen(Starlette(routes=[Route("/{path:path}", secret)]))
    door = listen(Starlette(routes=[Route("/{path:path}", lambda _: RedirectResponse(f"{hidden}/x/info/refs"))]))
    make("import", url=f"{door}/x")
    assert state_of(parts)[0] is ImportStatus.FAILED
    assert "leads on to another one" in state_of(parts)[1]
    assert asked == []


def test_front_matter_is_inspected_as_in_a_push(make, parts, server, inside, monkeypatch):
    make("static", "origin")
    monkeypatch.setattr(parts.settings, "max_files", 2)
    make("import", url=f"{server}/spaces/ada/origin")
    assert state_of(parts)[0] is ImportStatus.FAILED
    assert "files" in state_of(parts)[1]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "http://localhost:8000/x", "http://[::1]/x", "http://169.254.169.254/latest", "http://10.1/x",
        "http://0x7f000001/x", "http://2130706433/x", "http://0/x", "http://[::ffff:127.0.0.1]/x", "http://100.64.0.1/x",
    ],
)  # fmt: skip
def test_an_address_inside_a_network_is_refused_before_anybody_is_asked(make, parts, url):
    answer = make("import", url=url)
    assert (answer.status_code, "inside a network" in answer.text) == (422, True)
    with parts.database.reading() as session:
        assert session.scalar(select(Space.id)) is None


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ext::sh -c id", "ssh://git@example.com/x", "git://example.com/x", "/etc",
        "--upload-pack=x",
        "http://", "http://-oProxyCommand=id/x", "https://example.com/x?y", "https://a b/", "http://example.com:99999/",
        "https://me:secret@example.com/x", "",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_repository_is_refused(url):
    with pytest.raises(InvalidError):
        find_remote(url, private=True)


@pytest.mark.parametrize(
    "address", ["64:ff9b::7f00:1", "2002:7f00:1::", "fe80::1", "fc00::1", "224.0.0.1", "240.0.0.1"]
)
def test_tunnels_to_private_addresses_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))
    assert is_public(ipaddress.ip_address("1.1.1.1"))


def test_a_name_that_changes_its_address_is_asked_about_once(monkeypatch):
    answers = iter([[(2, 1, 6, "", ("93.184.215.14", 443))], [(2, 1, 6, "", ("127.0.0.1", 443))]])
    monkeypatch.setattr(remotes.socket, "getaddrinfo", lambda *_, **__: next(answers))
    assert find_remote("https://rebinding.test/x", private=False).pinned == "rebinding.test:443:93.184.215.14"
