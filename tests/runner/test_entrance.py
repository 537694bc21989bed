"""A ticket becomes a cookie for one host, and leads to no other."""

import httpx2
import pytest
from starlette.testclient import TestClient

from minispaces_contract.messages import TicketAnswer, TicketPresented
from minispaces_runner.ledger import Ledger
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.waker import make_waker

HOST = "ada-demo.apps.test"
GOOD = TicketAnswer(outcome="entered", token="a.b.c", seconds=60)


@pytest.fixture
def presented():
    return []


@pytest.fixture
def enter(presented):
    def enter(answer=GOOD, *, scheme="http", headers=None, **query):
        async def redeem(ticket: TicketPresented) -> TicketAnswer:
            presented.append(ticket)
            if isinstance(answer, Exception):
                raise answer
            return answer

        settings = RunnerSettings(domain="hub.test", apps_domain="apps.test", scheme=scheme)
        waker = make_waker(Ledger(), settings, wake=lambda _: None, redeem=redeem)
        headers = {"X-Forwarded-Host": f"{HOST}:8080", **(headers or {})}
        return TestClient(waker, follow_redirects=False).get("/.minispaces/enter", params=query, headers=headers)

    return enter


def test_a_good_ticket_becomes_a_cookie_of_this_host_and_leads_on(enter, presented):
    answer = enter(ticket="t", next="/a?b=c")
    assert (answer.status_code, answer.headers["location"]) == (303, "/a?b=c")
    assert answer.headers["set-cookie"] == "minispaces_app=a.b.c; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"
    assert presented == [TicketPresented(ticket="t", host=HOST)]


def test_over_https_the_cookie_is_bound_to_the_host_and_works_in_a_frame(enter):
    kept = enter(scheme="https", ticket="t").headers["set-cookie"]
    assert kept.startswith("__Host-minispaces-app=a.b.c; Path=/;")
    assert kept.endswith("HttpOnly; Secure; SameSite=None; Partitioned")
    assert "Domain" not in kept


def test_in_a_frame_on_localhost_the_cookie_is_partitioned(enter):
    assert "Partitioned" in enter(ticket="t", headers={"Sec-Fetch-Dest": "iframe"}).headers["set-cookie"]


@pytest.mark.parametrize(("outcome", "status"), [("spent", 400), ("elsewhere", 403)])
def test_a_ticket_that_is_not_good_brings_no_cookie(enter, outcome, status):
    answer = enter(TicketAnswer(outcome=outcome), ticket="t")
    assert answer.status_code == status
    assert "set-cookie" not in answer.headers


def test_while_the_hub_is_away_one_is_told_to_come_back(enter):
    answer = enter(httpx2.ConnectError("away"), ticket="t")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.mark.parametrize(
    "wanted",
    ["//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "https:evil", "evil.test", "/%2f%2fevil.test",
     "/%2fevil.test", "/%5cevil.test", "/a\r\nSet-Cookie: x=y", "/\tevil", "/ü", "",
     "/.minispaces/enter?ticket=again", "/" * 9000],
)  # fmt: skip
def test_the_way_on_leads_to_no_other_host(enter, wanted):
    assert enter(ticket="t", next=wanted).headers["location"] == "/"
