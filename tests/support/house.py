"""The running application with people of every kind, what each holds and may, for the tests that ask it as everybody.

Handlers are replaced by a probe, so that nothing but the route's own policy, credentials and gate decide. What is
expected stands here in words of its own; the policy's table is not consulted.
"""

import base64
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
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
    Policy,
)
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
    Action.DISCUSS: {"public": SIGNED_IN, "internal": SIGNED_IN, "private": MEMBERS, "protected": MEMBERS},
    Action.LIKE: {"public": SIGNED_IN, "internal": SIGNED_IN, "private": MEMBERS, "protected": MEMBERS},
    Action.WRITE: dict.fromkeys(Visibility, WRITERS),
    Action.MANAGE: dict.fromkeys(Visibility, OWNERS),
}
ON_NAMESPACE = {
    None: EVERYBODY,
    Action.SEE_MEMBERS: MEMBERS,
    Action.CURATE: WRITERS,
    Action.CREATE_SPACE: "contributor writer owner org_admin admin",
    Action.MANAGE_NAMESPACE: OWNERS,
}
CHANGES = {Action.LIKE, Action.CURATE} | {
    Action.DISCUSS,
    Action.WRITE,
    Action.MANAGE,
    Action.CREATE_SPACE,
    Action.MANAGE_NAMESPACE,
    Action.ADMINISTER,
}
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


@contextmanager
def open_house(data: Path) -> Iterator[House]:
    """The whole application on a database of its own."""
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
