"""Who gets to which app, through the real proxy: nobody is asked, and what is wrong looks like what is not there."""

import hashlib
import time

import pytest
from pydantic import SecretStr
from support.echo_server import echo_server
from support.passes import make_pass
from support.proxy import Proxy, running_proxy

from minispaces_contract.messages import Door, EdgeAccess
from minispaces_runner.edge_maps import EdgeMaps
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
MINE, OTHER, INSIDE, OPEN, ABSENT, ASLEEP = (
    f"{name}.apps.test" for name in ("mine", "other", "inside", "open", "absent", "asleep")
)
TOKEN, FOREIGN, RESTRICTED = ("msp_" + letter * 49 for letter in "abc")
WEBSOCKET = [
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
]
BROWSER = [("Accept", "text/html,*/*"), ("Sec-Fetch-Mode", "navigate")]


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


ACCESS = EdgeAccess(
    doors={
        MINE: Door(circle="members", space_id="s1"),
        OTHER: Door(circle="members", space_id="s2"),
        INSIDE: Door(circle="inside", space_id="s3"),
        OPEN: Door(circle="open", space_id="s4"),
        ASLEEP: Door(circle="members", space_id="s5"),
    },
    keys={
        digest(TOKEN): "user:ada", digest(FOREIGN): "user:bob", digest(RESTRICTED): "token:t1",
        "session:of-ada": "user:ada", "session:of-bob": "user:bob", "guest:g1": "guest:g1", "token:t1": "token:t1",
    },
    allowed=frozenset(
        {"user:ada|s1", "user:ada|s5", "token:t1|s1", "guest:g1|s1", "user:ada|inside", "user:bob|inside"}
    ),
)  # fmt: skip


@pytest.fixture
async def edge(settings, proxy: Proxy):
    """`mine` is open to ada, to a token of hers for this app alone, and to a guest; `inside` to ada and bob."""
    await EdgeMaps(settings.proxy_maps, HaproxySocket(settings.proxy_socket)).become(ACCESS)
    async with (
        echo_server("app") as app,
        echo_server("waker", settings.waker_socket),
        echo_server("hub", settings.hub_socket),
    ):
        routes = HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)
        await routes.put({host: Target(*app, "d1") for host in (MINE, OTHER, INSIDE, OPEN)})
        yield proxy


def cookie(settings, key: str = "session:of-ada", *, host: str = MINE, **claims: object) -> tuple[str, str]:
    return "Cookie", "minispaces_app=" + make_pass(settings, aud=host, sub=key, **claims)


def bearer(token: str, name: str = "Authorization") -> tuple[str, str]:
    return name, f"Bearer {token}"


def seen_by_app(answer) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith("app\n")
    return dict(line.split(": ", 1) for line in answer.text.splitlines()[2:] if ": " in line)


def without_id(answer) -> tuple[int, str, list[tuple[str, str]]]:
    """Nor with what says only whether the request's body had arrived by then."""
    left_out = {"x-request-id", "connection"}
    headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in left_out]
    return answer.status_code, answer.text, headers


@pytest.mark.parametrize(
    "credential",
    [
        bearer(TOKEN),
        bearer(TOKEN, "X-HF-Authorization"),
        bearer(RESTRICTED),
        ("authorization", f"bearer {TOKEN}"),
    ],
)
async def test_an_access_token_opens_a_private_app_and_does_not_reach_it(edge, credential):
    seen = seen_by_app(await edge.get(MINE, headers=[credential]))
    assert "authorization" not in seen
    assert "x-hf-authorization" not in seen


@pytest.mark.parametrize("key", ["session:of-ada", "guest:g1", "token:t1"])
async def test_a_cookie_opens_a_private_app_and_does_not_reach_it(edge, settings, key):
    name, value = cookie(settings, key)
    assert seen_by_app(await edge.get(MINE, headers=[(name, f"a=1; {value}; b=2")]))["cookie"] == "a=1; b=2"


@pytest.mark.parametrize("name", ["Authorization", "X-HF-Authorization"])
async def test_a_pass_opens_a_private_app_over_a_header_too(edge, settings, name):
    token = make_pass(settings, aud=MINE, sub="session:of-ada")
    assert {"authorization", "x-hf-authorization"}.isdisjoint(
        seen_by_app(await edge.get(MINE, headers=[bearer(token, name)]))
    )


async def test_a_pass_in_the_address_opens_a_private_app(edge, settings):
    token = make_pass(settings, aud=MINE, sub="session:of-ada")
    seen_by_app(await edge.get(MINE, f"/config?x=1&__sign={token}"))


async def test_the_first_good_credential_counts_whatever_else_is_sent(edge, settings):
    bad = make_pass(settings, aud=MINE, sub="session:of-ada", exp=1)
    seen_by_app(
        await edge.get(MINE, f"/?__sign={bad}", headers=[bearer(FOREIGN, "X-HF-Authorization"), cookie(settings)])
    )


async def test_an_apps_own_authorization_reaches_it_beside_the_cookie_and_ours_never(edge, settings):
    seen = seen_by_app(await edge.get(MINE, headers=[bearer("of-the-app"), cookie(settings)]))
    assert seen["authorization"] == "Bearer of-the-app"
    seen = seen_by_app(await edge.get(MINE, headers=[bearer(FOREIGN), cookie(settings)]))
    assert "authorization" not in seen
    seen = seen_by_app(await edge.get(MINE, headers=[bearer(TOKEN, "X-HF-Authorization"), bearer(RESTRICTED)]))
    assert "authorization" not in seen


async def test_an_open_app_asks_for_nothing_and_never_sees_a_token_for_hugging_face(edge):
    seen = seen_by_app(
        await edge.get(OPEN, headers=[bearer("x"), bearer(TOKEN, "X-HF-Authorization"), ("X_HF_Authorization", "y")])
    )
    assert seen["authorization"] == "Bearer x"
    assert not [name for name in seen if "hf" in name]


async def test_an_internal_app_opens_to_whoever_is_signed_in_and_not_to_guests_of_another(edge, settings):
    for key in ("session:of-ada", "session:of-bob"):
        seen_by_app(await edge.get(INSIDE, headers=[cookie(settings, key, host=INSIDE)]))
    seen_by_app(await edge.get(INSIDE, headers=[bearer(FOREIGN)]))
    for credential in (bearer(RESTRICTED), cookie(settings, "guest:g1", host=INSIDE)):
        assert (await edge.get(INSIDE, headers=[credential])).status_code == 401


def bad_passes(settings) -> dict[str, str]:
    good = {"aud": MINE, "sub": "session:of-ada"}
    whole = make_pass(settings, **good)
    return {
        "expired": make_pass(settings, **good, exp=int(time.time()) - 1),
        "without an end": make_pass(settings, **good, exp=None),
        "end as text": make_pass(settings, **good, exp="later"),
        "for another host": make_pass(settings, **good | {"aud": OTHER}),
        "for a longer host": make_pass(settings, **good | {"aud": f"{MINE}.evil"}),
        "for hosts": make_pass(settings, **good | {"aud": [MINE]}),
        "for no host": make_pass(settings, sub="session:of-ada"),
        "of an ended session": make_pass(settings, **good | {"sub": "session:ended"}),
        "of somebody else": make_pass(settings, **good | {"sub": "session:of-bob"}),
        "of a subject": make_pass(settings, **good | {"sub": "user:ada"}),
        "of nobody": make_pass(settings, aud=MINE),
        "signed by another": make_pass(settings, key="k" * 43, **good),
        "signed by nobody": make_pass(settings, algorithm="none", **good),
        "signed otherwise": make_pass(settings, algorithm="HS512", **good),
        "signed with nothing": make_pass(settings, key="", **good),
        "cut": whole[:-1],
        "without its seal": whole.rpartition(".")[0] + ".",
        "in two parts": whole.rpartition(".")[0],
        "dots": "...",
    }


def carried(token: str) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    return {
        "cookie": ("/", [("Cookie", f"minispaces_app={token}")]),
        "bearer": ("/", [bearer(token)]),
        "hf": ("/", [bearer(token, "X-HF-Authorization")]),
        "sign": (f"/?__sign={token}", []),
    }


async def test_what_is_no_good_credential_opens_nothing_and_looks_like_none(edge, settings):
    refused = without_id(await edge.get(MINE))
    assert refused[0] == 401
    for words, token in bad_passes(settings).items():
        for carrier, (path, headers) in carried(token).items():
            assert without_id(await edge.get(MINE, path, headers=headers)) == refused, f"{words} by {carrier}"
    for headers in (
        [bearer(FOREIGN)], [bearer(digest(TOKEN))], [bearer("user:ada")], [("Authorization", f"Basic {TOKEN}")],
        [bearer(RESTRICTED + "x")], [("Cookie", f"minispaces_app={TOKEN}")], [bearer("session:of-ada")],
        [("Cookie", "__Host-minispaces-app=" + make_pass(settings, aud=MINE, sub="session:of-ada"))],
    ):  # fmt: skip
        assert without_id(await edge.get(MINE, headers=headers)) == refused, headers


@pytest.mark.parametrize("host", [MINE, ASLEEP])
@pytest.mark.parametrize(
    "ask",
    [
        {"headers": []},
        {"headers": BROWSER},
        {"headers": BROWSER[:1]},
        {"headers": [BROWSER[0], ("Sec-Fetch-Mode", "cors")]},
        {"method": "POST", "headers": BROWSER, "content": b"x"},
        {"method": "HEAD", "headers": BROWSER},
        {"method": "OPTIONS", "headers": [("Origin", "http://o"), ("Access-Control-Request-Method", "POST")]},
        {"method": "OPTIONS", "headers": []},
        {"headers": [bearer(FOREIGN)]},
        {"path": "/.minispaces/state", "headers": []},
        {"headers": WEBSOCKET},
    ],
)
async def test_a_stranger_cannot_tell_a_private_app_from_none_and_wakes_neither(edge, host, ask):
    ask = {"method": "GET", "path": "/", **ask}
    method, path = ask.pop("method"), ask.pop("path")
    there, absent = await edge.ask(method, host, path, **ask), await edge.ask(method, ABSENT, path, **ask)
    there_said = without_id(there)
    absent_said = without_id(absent)
    assert there.status_code in {204, 302, 401}
    assert not there.text.startswith(("waker", "app"))
    assert repr(there_said).replace(host, "HOST") == repr(absent_said).replace(ABSENT, "HOST")


async def test_a_browser_is_sent_to_the_hub_and_told_where_it_wanted_to_go(edge, settings):
    answer = await edge.get(MINE, "/a%20b?c=d&e=%2F", headers=BROWSER)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{settings.hub_url}/enter?host={MINE}&next=%2Fa%2520b%3Fc%3Dd%26e%3D%252F"
    assert answer.headers["cache-control"] == "no-store"


async def test_asking_beforehand_needs_no_credential_and_allows_no_cookie(edge):
    asked = [("Origin", "http://o"), ("Access-Control-Request-Method", "POST")]
    answer = await edge.ask("OPTIONS", MINE, headers=asked)
    assert answer.status_code == 204
    assert "access-control-allow-credentials" not in answer.headers
    assert (await edge.ask("OPTIONS", OPEN, headers=asked)).text.startswith("app")


async def test_the_cookie_is_not_good_for_what_another_page_makes_a_browser_ask(edge, settings):
    own = f"{settings.scheme}://{MINE}"
    for origin in ("http://evil.test", f"http://{OTHER}", "null", f"https://{MINE}", f"{own}:1"):
        for method, headers in (("POST", []), ("GET", WEBSOCKET)):
            answer = await edge.ask(method, MINE, headers=[("Origin", origin), cookie(settings), *headers])
            assert answer.status_code == 401, origin
    assert (await edge.ask("POST", MINE, headers=[("Origin", own), cookie(settings)])).status_code == 200
    assert (await edge.ask("POST", MINE, headers=[("Origin", "http://o"), bearer(TOKEN)])).status_code == 200


async def test_the_entrance_leads_to_the_waker_without_a_credential(edge):
    assert (await edge.get(MINE, "/.minispaces/enter?ticket=x")).text.startswith("waker")
    assert (await edge.get(ABSENT, "/.minispaces/enter?ticket=x")).text.startswith("waker")


async def test_a_member_wakes_a_private_app(edge, settings):
    assert (await edge.get(ASLEEP, headers=[cookie(settings, host=ASLEEP)])).text.startswith("waker")
    assert (await edge.get(ASLEEP, headers=[bearer(TOKEN)])).text.startswith("waker")


async def test_no_shared_cache_keeps_a_private_answer(edge, settings):
    assert (await edge.get(MINE, headers=[cookie(settings)])).headers["cache-control"] == "private, no-store"
    assert "cache-control" not in (await edge.get(OPEN)).headers


async def test_without_a_key_of_its_own_an_installation_takes_no_pass(short_dir, settings):
    for weak in ("", "short"):
        bare = settings.model_copy(update={"edge_key": SecretStr(weak)})
        async with running_proxy(bare) as proxy:
            await EdgeMaps(bare.proxy_maps, HaproxySocket(bare.proxy_socket)).become(ACCESS)
            assert (await proxy.get(MINE, headers=[cookie(bare)])).status_code == 401
