"""Every route of the running application, asked by everybody over every carrier."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from support.house import (
    CARRIERS,
    CHANGES,
    LET_IN,
    ON_NAMESPACE,
    ON_SPACE,
    PEOPLE,
    SIGNED_IN,
    House,
    open_house,
    owner_for,
    policies_of,
    served,
)

from minispaces_platform.accounts import service as accounts
from minispaces_platform.accounts import tokens
from minispaces_platform.guard import (
    Delegated,
    Everybody,
    OnAccount,
    OnNamespace,
    OnPlatform,
    OnSpace,
    OnSpaceId,
    Policy,
)
from minispaces_platform.internal.api import Internal
from minispaces_platform.models.roles import Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Space


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with open_house(tmp_path_factory.mktemp("house")) as made:
        yield made


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
        case OnAccount():
            return who in SIGNED_IN.split()
        case Internal():
            return False
        case Everybody():
            return True
    raise AssertionError(f"no expectation for {policy}")


def probes_of(policy: Policy, who: str) -> list[tuple[Visibility, str]]:
    """Every carrier at a private Space; every other visibility too, where the policy looks at a Space."""
    carriers = ["cookie"] if who == "nobody" else CARRIERS
    others = set(Visibility) - {Visibility.PRIVATE} if isinstance(policy, OnSpace | OnSpaceId) else ()
    return [*((Visibility.PRIVATE, each) for each in carriers), *((each, "cookie") for each in sorted(others))]


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
        for visibility, carrier in probes_of(policy, who):
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
