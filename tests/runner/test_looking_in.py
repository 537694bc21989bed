"""Who only looks whether there is an answer keeps no app awake; who uses it does. Through the real proxy."""

from hashlib import sha256

import pytest
from support.echo_server import echo_server
from support.proxy import open_doors

from minispaces_contract.messages import Door, EdgeAccess
from minispaces_runner.edge_maps import EdgeMaps
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
DEMO = "demo.apps.test"
TOKEN = "hf_" + "t" * 34
LOOKS = [line.strip() for line in """
    Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)
    Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)
    Mozilla/5.0 (compatible; Baiduspider/2.0)
    Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
    Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5
    facebookexternalhit/1.1
    WhatsApp/2.23.20.0
    Mastodon/4.3.0 (http.rb/5.2.0; +https://mastodon.example/)
    TelegramBot (like TwitterBot)
    Synapse (bot; +https://github.com/element-hq/synapse)
    Mozilla/5.0 (compatible; UptimeRobot/2.0)
    kube-probe/1.30
    ELB-HealthChecker/2.0
    check_http/v2.3.3 (nagios-plugins 2.3.3)
    Blackbox Exporter/0.25.0
""".strip().splitlines()]  # fmt: skip
USES = [line.strip() for line in """
    Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36
    Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile
    python-httpx/0.28.1
    curl/8.5.0
""".strip().splitlines()]  # fmt: skip


@pytest.fixture
async def routes(settings, proxy):
    async with echo_server("demo") as demo:
        await open_doors(settings, DEMO)
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({DEMO: Target(*demo, "d1")})
        yield routes


async def is_used(routes) -> bool:
    return "d1" in (await routes.activity()).uses


@pytest.mark.parametrize("agent", LOOKS)
async def test_a_robot_a_preview_or_a_health_check_is_answered_and_is_no_use(proxy, routes, agent):
    headers = {"User-Agent": agent, "Sec-Fetch-Dest": "document"}
    assert (await proxy.get(DEMO, headers=headers)).text.startswith("demo")
    assert not await is_used(routes)


@pytest.mark.parametrize("agent", USES)
async def test_people_and_their_programs_are_use(proxy, routes, agent):
    await proxy.get(DEMO, headers={"User-Agent": agent})
    assert await is_used(routes)


async def test_asking_for_a_head_and_loading_ahead_are_no_use(proxy, routes):
    await proxy.ask("HEAD", DEMO)
    await proxy.get(DEMO, headers={"Sec-Purpose": "prefetch;prerender"})
    assert not await is_used(routes)


async def test_an_app_that_is_not_open_to_all_is_watched_alike(settings, proxy, routes):
    keys = {sha256(TOKEN.encode()).hexdigest(): "user:ada"}
    doors = {DEMO: Door(circle="members", space_id="s1")}
    access = EdgeAccess(doors=doors, keys=keys, allowed=frozenset({"user:ada|s1"}))
    await EdgeMaps(settings.proxy_maps, HaproxySocket(settings.proxy_socket)).become(access)
    token = {"Authorization": f"Bearer {TOKEN}"}
    assert (await proxy.ask("HEAD", DEMO, headers=token)).status_code == 200
    await proxy.get(DEMO, headers=token | {"User-Agent": "UptimeRobot/2.0"})
    assert not await is_used(routes)
    await proxy.get(DEMO, headers=token)
    assert await is_used(routes)
