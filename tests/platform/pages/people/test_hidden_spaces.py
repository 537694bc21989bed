"""Whoever may not read a Space gets the very answer that they get where there is none."""

import re

import pytest

from minispaces_platform.repos import http as git_http

PAGES = ["", "/logs", "/logs.txt", "/versions", "/settings"]
FORMS = ["/settings/visibility", "/settings/rename", "/settings/transfer"]
GIT = ["/info/refs?service=git-upload-pack", ".git/info/refs?service=git-upload-pack"]


@pytest.fixture
def app(app):
    app.router.routes[:0] = git_http.router.routes
    return app


def answer_to(client, path, method="GET", **options):
    """Everything but what counts requests, and the name itself."""
    got = client.request(method, path, **options)
    headers = {name: value for name, value in got.headers.items() if name not in {"x-request-id", "content-length"}}
    body = re.sub(r"[0-9a-f]{32}", "ID", got.text).replace("hidden", "NAME").replace("absent", "NAME")
    return got.status_code, headers, body


@pytest.fixture(params=["stranger", "somebody", "reader of another"])
def outsider(request, browser, world, ada, add_space):
    add_space(ada, "hidden", "private")
    if request.param == "stranger":
        return browser()
    grace = world.add_user("grace")
    if request.param == "reader of another":
        add_space(ada, "other", "private")
        data = {"person": "grace", "role": "admin"}
        assert browser(ada).post("/spaces/ada/other/settings/collaborators", data=data).status_code == 303
    return browser(grace)


@pytest.mark.parametrize("page", PAGES + GIT)
def test_every_page_of_it_looks_like_one_that_is_not_there(outsider, page):
    hidden = answer_to(outsider, f"/spaces/ada/hidden{page}")
    assert hidden == answer_to(outsider, f"/spaces/ada/absent{page}")
    assert hidden[0] in {401, 404}


@pytest.mark.parametrize("form", FORMS)
def test_so_does_every_form(outsider, form):
    data = {"visibility": "public", "new_name": "mine", "to": "grace", "typed": "x"}
    hidden = answer_to(outsider, f"/spaces/ada/hidden{form}", "POST", data=data)
    assert hidden == answer_to(outsider, f"/spaces/ada/absent{form}", "POST", data=data)
    assert hidden[0] in {401, 404}


def test_so_do_its_events(outsider, add_space, ada):
    space = add_space(ada, "second", "private")
    hidden = answer_to(outsider, f"/events/spaces/{space.id}")
    assert hidden == answer_to(outsider, f"/events/spaces/{'0' * 32}")
    assert hidden[0] in {401, 404}


def test_so_does_a_name_that_it_had(outsider, browser, ada):
    browser(ada).post("/spaces/ada/hidden/settings/rename", data={"new_name": "moved"})
    assert answer_to(outsider, "/spaces/ada/hidden") == answer_to(outsider, "/spaces/ada/absent")


def test_making_one_of_its_name_elsewhere_tells_nothing(outsider):
    """Transferring onto a name that is taken does not tell of a hidden Space to who may not make Spaces there."""
    hidden = answer_to(outsider, "/spaces/ada/hidden/info/refs?service=git-receive-pack")
    assert hidden == answer_to(outsider, "/spaces/ada/absent/info/refs?service=git-receive-pack")


def test_the_comparison_sees_a_difference(browser, ada, add_space):
    add_space(ada, "hidden")
    assert answer_to(browser(), "/spaces/ada/hidden") != answer_to(browser(), "/spaces/ada/absent")
