"""Opened pages are counted by the real proxy, and told upwards as what came since."""

import httpx2
import pytest
from support.echo_server import echo_server
from support.proxy import open_doors

from minispaces_contract.visits import VisitsReport
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.routes import Target
from minispaces_runner.visits import VisitsTeller, by_host, opened_since, parse_opened

pytestmark = pytest.mark.anyio
HOST = "demo.apps.test"
DOCUMENT = {"Sec-Fetch-Dest": "document"}


class Heard:
    """The platform's end of the door, which may be away."""

    def __init__(self) -> None:
        self.reports: list[dict[str, int]] = []
        self.is_away = False

    async def report_visits(self, report: VisitsReport) -> None:
        if self.is_away:
            raise httpx2.ConnectError("away")
        self.reports.append(report.visits)


@pytest.mark.parametrize(
    ("before", "after", "came"),
    [
        ({}, {"a": 2}, {"a": 2}),
        ({"a": 2}, {"a": 5}, {"a": 3}),
        ({"a": 5}, {"a": 5}, {}),
        ({"a": 5}, {"a": 1}, {"a": 1}),  # the proxy began anew
        ({"a": 5}, {}, {}),
    ],
)
async def test_what_came_since(before, after, came):
    assert opened_since(before, after) == came


async def test_the_proxys_answer_is_read():
    answer = "# table: activity, type: string\n0x7f: key={} use=0 exp=9 shard=0 gpc0=3 conn_cur=0\n"
    rows = answer.format("10.0.0.1|7860|d1|a.example") + answer.format("10.0.0.2|7860|d2|a.example")
    assert by_host(parse_opened(rows)) == {"a.example": 6}


@pytest.fixture
async def teller(settings, proxy):
    heard = Heard()
    async with echo_server("demo") as demo:
        await open_doors(settings, HOST)
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({HOST: Target(*demo, "d1")})
        told = VisitsTeller(heard, HaproxySocket(settings.proxy_socket))
        await told.tell()
        yield told, heard


async def test_opened_pages_are_told_once_and_what_pages_load_is_not(proxy, teller):
    told, heard = teller
    for headers in (DOCUMENT, DOCUMENT, {"Sec-Fetch-Dest": "script"}):
        await proxy.get(HOST, headers=headers)
    await told.tell()
    await told.tell()
    assert heard.reports == [{HOST: 2}]


async def test_what_could_not_be_told_is_told_later(proxy, teller):
    told, heard = teller
    heard.is_away = True
    await proxy.get(HOST, headers=DOCUMENT)
    with pytest.raises(httpx2.ConnectError):
        await told.tell()
    heard.is_away = False
    await told.tell()
    assert heard.reports == [{HOST: 1}]


async def test_our_own_visits_do_not_count(settings, teller):
    told, heard = teller
    transport = httpx2.AsyncHTTPTransport(uds=str(settings.apps_socket))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{HOST}") as http:
        assert (await http.get("/", headers=DOCUMENT)).text.startswith("demo")
    await told.tell()
    assert heard.reports == []
