"""Apps that nobody uses sleep, and whoever comes next notices nothing: the runner and the proxy with real processes."""

import asyncio
import sys
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from support.eventually import eventually
from support.platform_door import deployment
from websockets.asyncio.client import connect

from minispaces_contract.messages import Door, EdgeAccess, SleepRule
from minispaces_runner.edge_maps import EdgeMaps
from minispaces_runner.haproxy_socket import HaproxySocket

pytestmark = pytest.mark.anyio
DEMO = "ada-demo.apps.test"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
LIGHTLY, DEEPLY = SleepRule(freeze_after=0, stop_after=None), SleepRule(freeze_after=None, stop_after=0)
NEVER = SleepRule(freeze_after=None, stop_after=None)
RULES = pytest.mark.parametrize("rule", [LIGHTLY, DEEPLY], ids=["frozen", "stopped"])


def talkative(number, **life):
    spec = deployment(number, **life)
    command = (sys.executable, str(Path(__file__).parents[1] / "support" / "talkative_app.py"))
    return spec.model_copy(update={"artifact": spec.artifact.model_copy(update={"command": command})})


def open_socket(lab):
    return connect(f"ws://{DEMO}/", host="127.0.0.1", port=lab.settings.port, proxy=None, ping_interval=None)


async def says(websocket, word):
    await websocket.send(word)
    return await asyncio.wait_for(websocket.recv(), 20)


async def asleep(lab, spec):
    await lab.change(spec)
    await lab.until_asleep(spec)
    return spec


@RULES
async def test_a_hundred_visitors_of_a_sleeping_app_are_answered_by_one_start(lab, rule):
    spec = await asleep(lab, deployment(1, sleep=rule))
    answers = await asyncio.gather(*(lab.proxy.ask("POST", DEMO, content=f"{number}") for number in range(100)))
    assert [answer.text for answer in answers] == [f"ada-demo v1 {number}" for number in range(100)]
    assert (len(lab.engine.starts), len(lab.engine.thaws)) == ((1, 1) if rule is LIGHTLY else (2, 0))
    await lab.until("running", spec)


@RULES
async def test_a_websocket_wakes_an_app_and_keeps_it_awake(lab, rule):
    spec = await asleep(lab, talkative(1, sleep=rule))
    async with open_socket(lab) as websocket:
        for word in ("one", "two"):
            assert await says(websocket, word) == f"ada-demo v1 {word}"
            await lab.until("running", spec)
            for _ in range(3):
                await lab.engine.instances()
                lab.reconciler.cue()
    assert lab.door.statuses(spec.id)[-1] == "running"
    await lab.until_asleep(spec)


@RULES
async def test_an_app_sleeps_on_while_its_runner_restarts(idle, proxy, rule):
    idle.proxy = proxy
    async with idle.answering():
        async with idle.running():
            spec = await asleep(idle, deployment(1, sleep=rule))
            await eventually(idle.settings.sleepers_file.exists)
        idle.door.heard.clear()
        async with idle.running():
            if rule is DEEPLY:
                await idle.until("sleeping", spec)
            assert idle.engine.starts == [spec.id]
            assert (await proxy.get(DEMO)).text == "ada-demo v1 "


async def test_robots_previews_health_checks_and_our_own_visits_wake_nothing(lab):
    await asleep(lab, deployment(1, sleep=LIGHTLY))
    lab.engine.thaws.clear()
    for agent in ("Googlebot/2.1", "kube-probe/1.30", "Slackbot-LinkExpanding"):
        assert (await lab.proxy.get(DEMO, headers={"User-Agent": agent})).status_code == 503
    assert (await lab.proxy.ask("HEAD", DEMO)).status_code == 503
    transport = httpx2.AsyncHTTPTransport(uds=str(lab.settings.apps_socket))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{DEMO}") as http:
        assert (await http.get("/")).status_code == 503
    assert lab.engine.thaws == []


async def test_a_browser_sees_a_waiting_page_only_where_the_start_takes_long(lab):
    frozen = await asleep(lab, deployment(1, sleep=LIGHTLY))
    assert (await lab.proxy.get(DEMO, headers=BROWSER)).text == "ada-demo v1 "
    slow = await asleep(lab, frozen.model_copy(update={"id": "ada-demo-002", "sleep": DEEPLY, "env": {"WAIT": "1.5"}}))
    page = await lab.proxy.get(DEMO, headers=BROWSER)
    assert (page.status_code, page.headers["retry-after"]) == (503, "3")
    assert ">Starting</h1>" in page.text
    assert (await lab.proxy.get(DEMO, headers={"Accept": "application/json"})).status_code == 200
    await lab.until("running", slow)


async def test_what_is_born_asleep_starts_for_its_first_visitor(lab):
    spec = await asleep(lab, deployment(1, on_demand=True, sleep=NEVER))
    assert lab.engine.starts == []
    assert (await lab.proxy.get(DEMO)).text == "ada-demo v1 "
    await lab.until("running", spec)


async def test_strangers_wake_no_private_app_and_members_do(lab):
    spec = await asleep(lab, deployment(1, sleep=LIGHTLY))
    token = "hf_" + "t" * 34
    door = Door(circle="members", space_id=spec.space_id)
    keys = {sha256(token.encode()).hexdigest(): "user:ada"}
    access = EdgeAccess(doors={DEMO: door}, keys=keys, allowed=frozenset({f"user:ada|{spec.space_id}"}))
    await EdgeMaps(lab.settings.proxy_maps, HaproxySocket(lab.settings.proxy_socket)).become(access)
    lab.engine.thaws.clear()
    assert (await lab.proxy.ask("POST", DEMO, content="x")).status_code == 401
    assert lab.engine.thaws == []
    answer = await lab.proxy.ask("POST", DEMO, content="x", headers={"Authorization": f"Bearer {token}"})
    assert (answer.text, lab.engine.thaws) == ("ada-demo v1 x", [spec.id])


async def test_an_older_version_stays_for_who_is_connected_to_it_and_no_longer(lab):
    lab.settings.drain_seconds = 60
    old, new = talkative(1, sleep=NEVER), talkative(2, sleep=NEVER)
    await lab.change(old)
    await lab.until("running", old)
    async with open_socket(lab) as websocket:
        await says(websocket, "before")
        await lab.change(old, new)
        await lab.until("running", new)
        assert await says(websocket, "after") == "ada-demo v1 after"
        async with open_socket(lab) as second:
            assert await says(second, "new") == "ada-demo v2 new"
    await lab.until("stopped", old)
