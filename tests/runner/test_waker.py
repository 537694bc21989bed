"""What people and programs are told while an app is not up."""

import asyncio

import pytest
from starlette.testclient import TestClient
from support.echo_server import echo_server, free_address
from support.platform_door import nobody_has_a_ticket

from minispaces_contract.messages import DesiredWorld, SpaceRoute
from minispaces_runner.ledger import Ledger
from minispaces_runner.routes import Target
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.waker import make_waker

HOST = "ada-demo.apps.test"
BROWSER = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate"}
ROUTE = SpaceRoute(
    host=HOST, space_id="s1", space="ada/demo", hub_url="http://hub.test/spaces/ada/demo", title="Ada's <demo>"
)


@pytest.fixture
def ledger():
    return Ledger()


@pytest.fixture
def cues():
    return []


@pytest.fixture
def ask(ledger, cues):
    settings = RunnerSettings(domain="hub.test", apps_domain="apps.test", port=80, hold_seconds=0.3)
    waker = make_waker(ledger, settings, wake=cues.append, redeem=nobody_has_a_ticket)
    http = TestClient(waker, follow_redirects=False)

    def ask(path="/", *, method="GET", host=HOST, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return http.request(method, path, headers={"X-Forwarded-Host": host, **headers})

    return ask


def know(ledger, *specs, **route):
    ledger.world = DesiredWorld(deployments=specs, routes=(ROUTE.model_copy(update=route),))


@pytest.mark.parametrize(
    ("route", "status", "words"),
    [
        ({"building": True}, 503, (">Building</h1>", "as soon as it answers")),
        ({"failed": "Exit code <3>."}, 503, (">App failed</h1>", "Exit code &lt;3&gt;.")),
        ({"deployment_id": "d"}, 503, (">Stopped</h1>", "Somebody who may write")),
        ({}, 404, (">Empty</h1>", "Nothing has been pushed")),
        ({"host": "other.apps.test"}, 404, (">Not found</h1>", "There is no app at this address")),
    ],
)
def test_a_browser_sees_the_state_in_words(ask, ledger, route, status, words):
    know(ledger, **route)
    page = ask("/any/path", **BROWSER)
    assert page.status_code == status
    assert all(some in page.text for some in words)
    assert page.headers["cache-control"] == "no-store"


def test_a_waiting_page_works_without_javascript_and_follows_the_state_with_it(ask, ledger):
    know(ledger, building=True)
    page = ask(**BROWSER).text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert '<body data-state="building">' in page


def test_a_page_that_will_not_change_does_not_ask_again(ask, ledger):
    know(ledger, failed="words")
    page = ask(**BROWSER)
    assert "refresh" not in page.text
    assert "<script" not in page.text
    assert "retry-after" not in page.headers


def test_a_page_runs_only_what_it_brings_along_and_escapes_what_others_wrote(ask, ledger):
    know(ledger, building=True)
    page = ask(**BROWSER)
    assert "Ada&#39;s &lt;demo&gt;" in page.text
    assert "'unsafe" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_a_program_is_held_and_then_told_when_to_come_back(ask, ledger, cues):
    know(ledger, building=True)
    answer = ask(Accept="application/json")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert answer.json()["state"] == "building"
    assert cues


def test_a_script_of_a_page_is_held_like_a_program(ask, ledger):
    know(ledger, building=True)
    assert ask(Accept="text/html", Sec_Fetch_Mode="cors").headers["content-type"] == "application/json"


def test_who_only_looks_wakes_nothing(ask, ledger, cues):
    know(ledger, building=True)
    assert ask(X_Minispaces_Held="never").status_code == 503
    assert not cues


def test_before_anything_is_known_everything_is_starting(ask):
    assert ">Starting</h1>" in ask(**BROWSER).text


def test_the_state_is_told_as_soon_as_it_differs(ask, ledger):
    know(ledger, building=True)
    assert ask("/.minispaces/state?seen=starting").json() == {"state": "building", "words": ""}


def test_a_route_that_has_outlived_its_app_sends_nobody_in_circles(ask, ledger):
    know(ledger)
    ledger.routes = {HOST: Target(free_address(), 1, "d")}
    assert ask(**BROWSER).status_code == 503
    assert ask(Accept="*/*").status_code == 503


@pytest.mark.anyio
async def test_who_is_sent_to_the_app_keeps_path_query_and_host(ledger, ask):
    path = "http://testserver//evil.test/%2e?a=%20b"
    async with echo_server("demo") as place:
        know(ledger)
        ledger.routes = {HOST: Target(*place, "d")}
        answer = await asyncio.to_thread(ask, path, method="POST", host="Ada-Demo.apps.test:8080")
    assert answer.status_code == 307
    assert answer.headers["location"] == "http://Ada-Demo.apps.test:8080//evil.test/%2e?a=%20b"


def test_a_branch_leads_on_to_its_newest_commit_with_path_and_port(ask, ledger):
    know(ledger, leads_to="abc1234--ada-demo.apps.test")
    answer = ask("/run?x=1", method="POST", X_Forwarded_Host=f"{HOST}:8080")
    assert (answer.status_code, answer.headers["location"]) == (
        307, "http://abc1234--ada-demo.apps.test:8080/run?x=1",
    )  # fmt: skip


def test_only_the_proxy_is_told_where_an_app_is(ask, ledger, cues):
    know(ledger)
    ledger.routes = {HOST: Target("127.0.0.9", 1, "d")}
    assert ask("/.minispaces/wake").status_code == 404
    told = ask("/.minispaces/wake", X_Minispaces_Method="POST")
    assert (told.status_code, told.headers["x-minispaces-route"]) == (204, f"127.0.0.9|1|d|{HOST}")
    assert cues == [HOST]
