"""Every route of the running application, asked by everybody over every carrier.

Handlers are replaced by a probe, so that nothing but the route's own policy, credentials and gate decide. What is
expected stands here in words of its own; the policy's table is not consulted.
"""

import base64
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.responses import Response
from starlette.testclient import TestClient

from minispaces_platform.access import Action
from minispaces_platform.accounts import service as accounts
from minispaces_platform.accounts import sessions, tokens
from minispaces_platform.app import create_app
from minispaces_platform.guard import (
    Delegated,
    Everybody,
    OnAccount,
    OnNamespace,
    OnPlatform,
    OnSpace,
    OnSpaceId,
    Policy,
    SignedIn,
)
from minispaces_platform.internal.api import Internal
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Collaborator, Space
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.spaces.service import create_space

LET_IN = 299
EVERYBODY = "nobody stranger reader contributor writer owner org_admin admin"
SIGNED_IN = "stranger reader contributor writer owner org_admin admin"
MEMBERS = "reader contributor writer owner org_admin admin"
WRITERS = "writer owner org_admin admin"
OWNERS = "owner org_admin admin"

ON_SPACE = {
    Action.OPEN_APP: {"public": EVERYBODY, "internal": SIGNED_IN, "private": MEMBERS, "protected": EVERYBODY},
    Action.READ: {"public": EVERYBODY, "internal": SIGNED_IN, "private": MEMBERS, "protected": MEMBERS},
    Action.READ_LOGS: dict.fromkeys(Visibility, WRITERS),
    Action.WRITE: dict.fromkeys(Visibility, WRITERS),
    Action.MANAGE: dict.fromkeys(Visibility, OWNERS),
}
ON_NAMESPACE = {
    None: EVERYBODY,
    Action.SEE_MEMBERS: MEMBERS,
    Action.CREATE_SPACE: "contributor writer owner org_admin admin",
    Action.MANAGE_NAMESPACE: OWNERS,
}
CHANGES = {Action.WRITE, Action.MANAGE, Action.CREATE_SPACE, Action.MANAGE_NAMESPACE, Action.ADMINISTER}
PEOPLE = [*EVERYBODY.split(), "suspended"]
CARRIERS = ["cookie", "bearer", "bearer-read", "basic", "basic-read", "token-as-user"]


@dataclass(frozen=True)
class House:
    """The people, what each holds, and the Spaces of `ada` (a person) and `acme` (an organisation)."""

    app: FastAPI
    client: TestClient
    credentials: dict[str, dict[str, dict[str, str]]]
    spaces: dict[tuple[str, str], str]

    def ask(self, method: str, path: str, who: str, carrier: str) -> Response:
        self.client.cookies.clear()
        headers = {"Origin": "http://localhost:8080", "Accept": "application/json"}
        if who != "nobody":
            headers |= self.credentials[who][carrier]
        return self.client.request(method, path, headers=headers)


def owner_for(who: str) -> str:
    return "ada" if who in {"owner", "nobody", "stranger", "suspended", "admin"} else "acme"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    data: Path = tmp_path_factory.mktemp("house")
    app = create_app(PlatformSettings(data=data, redis_url="unix:///nonexistent/redis.sock"))
    with pytest.MonkeyPatch.context() as patch:
        for route in served(app):
            if policies_of(route) and not isinstance(policies_of(route)[0], Delegated):
                probe = _probe_async if inspect.iscoroutinefunction(route.endpoint) else _probe
                patch.setattr(route.dependant, "call", probe)
        with TestClient(app, "http://localhost:8080", follow_redirects=False) as client:
            yield _fill(app, client)


def _probe(**_: object) -> Response:
    return Response(status_code=LET_IN)


async def _probe_async(**_: object) -> Response:
    return Response(status_code=LET_IN)


def _fill(app: FastAPI, client: TestClient) -> House:
    with app.state.parts.database.writing() as session:
        people = {who: accounts.add_user(session, _NAMES[who], admin=who == "admin") for who in PEOPLE if who in _NAMES}
        acme = Organization(name="acme")
        session.add(acme)
        session.flush()
        roles = {"reader": Role.READ, "contributor": Role.CONTRIBUTOR, "writer": Role.WRITE, "org_admin": Role.ADMIN}
        for who, role in roles.items():
            session.add(Membership(organization_id=acme.id, user_id=people[who].id, role=role))
        spaces: dict[tuple[str, str], Space] = {}
        for owner in (people["owner"], acme):
            for visibility in Visibility:
                made = create_space(session, owner, f"x-{visibility}", visibility=visibility)
                spaces[owner.name, visibility] = made
                session.add(Collaborator(space_id=made.id, user_id=people["suspended"].id, role=Role.ADMIN))
        credentials = {who: _credentials(session, user) for who, user in people.items()}
        accounts.suspend(session, people["suspended"], reason="of the test")
        return House(app, client, credentials, {key: space.id for key, space in spaces.items()})


_NAMES = {"stranger": "sam", "reader": "rita", "contributor": "carl", "writer": "will", "owner": "ada"}
_NAMES |= {"org_admin": "otto", "admin": "root", "suspended": "sue"}


def _credentials(session, user) -> dict[str, dict[str, str]]:
    write = tokens.create_token(session, user, scope=Scope.WRITE)
    read = tokens.create_token(session, user, scope=Scope.READ)
    return {
        "cookie": {"Cookie": f"minispaces_session={sessions.start_session(session, user.id)}"},
        "bearer": {"Authorization": f"Bearer {write}"},
        "bearer-read": {"Authorization": f"Bearer {read}"},
        "basic": _basic(user.name, write),
        "basic-read": _basic(user.name, read),
        "token-as-user": _basic(write, ""),
    }


def _basic(name: str, word: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{word}'.encode()).decode()}"}


# --- the routes


def served(app: FastAPI) -> list[RouteContext]:
    """Each route that a request can reach, as the application resolves it; anything but an API route is refused."""
    found = list(iter_route_contexts(app.routes))
    others = [route.path for route in found if not isinstance(route.original_route, APIRoute)]
    assert others == ["/static"]
    return [route for route in found if isinstance(route.original_route, APIRoute)]


def policies_of(route: RouteContext) -> list[Policy]:
    def walk(dependant: Dependant) -> Iterator[Policy]:
        for each in dependant.dependencies:
            if isinstance(each.call, Policy):
                yield each.call
            yield from walk(each)

    return list(walk(route.dependant))


def routes_of(app: FastAPI) -> list[tuple[str, str, Policy]]:
    """Method, path and policy of each."""
    return [
        (method, route.path, policies_of(route)[0])
        for route in served(app)
        for method in sorted(route.methods - {"HEAD"})
    ]


def test_every_route_names_exactly_one_policy(house):
    named = {route.path: {repr(each) for each in policies_of(route)} for route in served(house.app)}
    assert {path: policies for path, policies in named.items() if len(policies) != 1} == {}
    assert len(named) > 20


def filled(path: str, house: House, *, owner: str, visibility: str) -> str:
    """`path` with the names of a Space; whatever else it asks for is `x`."""
    named = {"owner": owner, "name": f"x-{visibility}", "space_id": house.spaces[owner, visibility]}
    parts = path.split("/")
    known = [named.get(part.strip("{}").partition(":")[0], "x") if part.startswith("{") else part for part in parts]
    return "/".join(part.replace("{owner}", owner) for part in known)


def is_expected(policy: Policy, who: str, visibility: str) -> bool:
    match policy:
        case OnSpace(action) | OnSpaceId(action):
            return who in ON_SPACE[action][visibility].split()
        case OnNamespace(action):
            return who in ON_NAMESPACE[action].split()
        case OnPlatform():
            return who == "admin"
        case OnAccount() | SignedIn():
            return who in SIGNED_IN.split()
        case Internal():
            return False
        case Everybody():
            return True
    raise AssertionError(f"no expectation for {policy}")


def is_change(policy: Policy) -> bool:
    return isinstance(policy, OnPlatform) or getattr(policy, "action", None) in CHANGES


def carrier_allows(policy: Policy, carrier: str) -> bool:
    if isinstance(policy, OnAccount):
        return carrier == "cookie"
    return not (carrier.endswith("-read") and is_change(policy))


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_gets_in_where_they_may_and_nowhere_else(house, who):
    wrong = []
    for method, path, policy in routes_of(house.app):
        if isinstance(policy, Delegated):
            continue
        for visibility in Visibility:
            for carrier in ["cookie"] if who == "nobody" else CARRIERS:
                address = filled(path, house, owner=owner_for(who), visibility=visibility)
                status = house.ask(method, address, who, carrier).status_code
                if status not in expected(policy, who, visibility, carrier):
                    wrong.append(f"{who} {carrier} {visibility} {method} {path} ({policy}): {status}")
    assert wrong == []


def expected(policy: Policy, who: str, visibility: str, carrier: str) -> set[int]:
    """422 is let in too: the probe has no body. What is open to all may find that there is no `x`."""
    let_in = {LET_IN, 422}
    if isinstance(policy, Everybody):
        return let_in | {404} | ({403} if who == "suspended" and carrier != "cookie" else set())
    if who == "suspended":
        open_to_all = carrier == "cookie" and is_expected(policy, "nobody", visibility)
        return let_in if open_to_all else {401} if carrier == "cookie" or isinstance(policy, Internal) else {403}
    if is_expected(policy, who, visibility) and (who == "nobody" or carrier_allows(policy, carrier)):
        return let_in
    return {401} if who == "nobody" or isinstance(policy, Internal) else {403, 404}


GIT = {"git-upload-pack": Action.READ, "git-receive-pack": Action.WRITE}


@pytest.mark.parametrize("service", GIT)
@pytest.mark.parametrize("who", PEOPLE)
def test_git_lets_in_whom_the_pages_let_in(house, who, service):
    wrong = []
    for visibility in (Visibility.PUBLIC, Visibility.PRIVATE):
        house.app.state.parts.store.create(house.spaces[owner_for(who), visibility])
        for carrier in ["none"] if who == "nobody" else CARRIERS[1:]:
            path = f"/spaces/{owner_for(who)}/x-{visibility}.git/info/refs?service={service}"
            status = house.ask("GET", path, who, carrier).status_code
            if status not in expected_of_git(who, visibility, carrier, GIT[service]):
                wrong.append(f"{who} {carrier} {visibility}: {status}")
    assert wrong == []


def expected_of_git(who: str, visibility: str, carrier: str, action: Action) -> set[int]:
    if who == "nobody":
        return {200} if action is Action.READ and visibility == "public" else {401}
    if who == "suspended":
        return {403}
    may = who in ON_SPACE[action][visibility].split() and not (action is Action.WRITE and carrier.endswith("-read"))
    return {200} if may else {404} if action is Action.READ else {403}


def test_git_carries_no_cookie(house):
    path = "/spaces/ada/x-private.git/info/refs?service=git-upload-pack"
    assert house.ask("GET", path, "owner", "cookie").status_code == 401


def test_a_stranger_cannot_tell_a_private_space_from_none(house):
    for method, path, policy in routes_of(house.app):
        if not isinstance(policy, OnSpace | OnSpaceId):
            continue
        hidden = filled(path, house, owner="ada", visibility="private")
        absent = hidden.replace("x-private", "x-nothing").replace(house.spaces["ada", "private"], "0" * 32)
        for who in ("nobody", "stranger"):
            answers = [house.ask(method, address, who, "bearer") for address in (hidden, absent)]
            assert same(answers[0]) == same(answers[1]), (method, path, who)


def same(answer) -> tuple[int, dict[str, str], str]:
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "content-length"}}
    text = answer.text.replace("x-private", "x-nothing").replace(answer.headers["x-request-id"], "")
    return answer.status_code, headers, text


def test_a_token_for_one_space_opens_no_other(house):
    with house.app.state.parts.database.writing() as session:
        ada = accounts.get_user(session, "ada")
        one = session.get_one(Space, house.spaces["ada", "private"])
        token = tokens.create_token(session, ada, scope=Scope.WRITE, spaces=[one])
    headers = {"Authorization": f"Bearer {token}"}
    statuses = {
        name: house.client.get(f"/spaces/ada/x-{name}", headers=headers).status_code
        for name in ("private", "internal", "public", "protected")
    }
    assert statuses == {"private": LET_IN, "internal": 404, "public": LET_IN, "protected": 404}


def test_a_cookie_alone_changes_nothing_from_a_foreign_page(house):
    unsafe = [
        (method, path)
        for method, path, policy in routes_of(house.app)
        if method not in {"GET", "HEAD", "OPTIONS"} and not isinstance(policy, Delegated | Internal)
    ]
    cookie = house.credentials["admin"]["cookie"]
    for method, path in unsafe:
        address = filled(path, house, owner="ada", visibility="public")
        for origin in ("http://evil.apps.localhost:8080", "null", "http://localhost"):
            answer = house.client.request(method, address, headers={**cookie, "Origin": origin})
            assert answer.status_code == 403, (method, path, origin)
