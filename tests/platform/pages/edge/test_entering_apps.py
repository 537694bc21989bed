"""From the hub to an app that is not open to all: tickets, passes, and what strangers are told."""

import base64
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import update

from minispaces_contract import hints
from minispaces_contract.messages import TicketPresented
from minispaces_platform.accounts import service as accounts
from minispaces_platform.accounts import sessions, tokens
from minispaces_platform.database import now
from minispaces_platform.edge import tickets
from minispaces_platform.edge.access import edge_access
from minispaces_platform.models.accounts import AccessToken, User
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Collaborator, EntryTicket, Space

HOST = "ada-demo.apps.localhost"


@pytest.fixture
def access(parts):
    def access():
        with parts.database.reading() as session:
            return edge_access(session, parts.settings)

    return access


def redeem(parts, ticket: str, host: str = HOST):
    with parts.database.writing() as session:
        return tickets.redeem(session, TicketPresented(ticket=ticket, host=host), parts.settings)


def ticket_in(answer, *, path: str = "/") -> str:
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["location"])
    query = dict(parse_qsl(address.query))
    assert (address.netloc, address.path, query["next"]) == (f"{HOST}:8080", "/.minispaces/enter", path)
    return query["ticket"]


def claims_of(token: str) -> dict:
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def test_a_member_gets_a_pass_for_this_host_by_a_ticket_that_works_once(signed_in, parts, demo, access):
    ticket = ticket_in(signed_in.get("/enter", params={"host": HOST, "next": "/a?b=c"}), path="/a?b=c")
    answer = redeem(parts, ticket)
    claims = claims_of(answer.token)
    assert (answer.outcome, answer.seconds, claims["aud"]) == ("entered", 8 * 3600, HOST)
    assert access().admits(HOST, claims["sub"])
    assert redeem(parts, ticket).outcome == "spent"


def test_a_ticket_for_another_app_is_refused_and_used_up(signed_in, parts, demo):
    ticket = ticket_in(signed_in.get("/enter", params={"host": HOST}))
    assert redeem(parts, ticket, "ada-other.apps.localhost").outcome == "elsewhere"
    assert redeem(parts, ticket).outcome == "spent"


def test_a_ticket_is_too_old_after_a_minute(signed_in, parts, demo):
    ticket = ticket_in(signed_in.get("/enter", params={"host": HOST}))
    with parts.database.writing() as session:
        row = session.query(EntryTicket).one()
        assert 55 < (row.expires_at - now()).total_seconds() <= 60
        row.expires_at = now()
    assert redeem(parts, ticket).outcome == "spent"


def test_a_ticket_is_worth_no_more_than_the_rights_of_whoever_holds_it(signed_in, parts, world, ada, demo):
    for lose in (
        lambda session: sessions.end_all(session, ada.id),
        lambda session: accounts.suspend(session, session.get_one(User, ada.id), reason="x"),
    ):
        signed_in.post(f"/login/{world.make_login_link(ada)}")
        ticket = ticket_in(signed_in.get("/enter", params={"host": HOST}))
        with parts.database.writing() as session:
            lose(session)
        assert redeem(parts, ticket).outcome == "spent"


def test_a_stranger_is_asked_to_sign_in_for_what_is_private_and_for_what_is_not_there(client, demo):
    said = {}
    for host in (HOST, "bob-nothing.apps.localhost", "hub.example", ""):
        answer = client.get("/enter", params={"host": host, "next": "/x"})
        assert answer.status_code == 303
        said[host] = answer.headers["location"].replace(host, "")
    assert answer.headers["location"] == "/login?next=%2Fenter%3Fhost%3D%26next%3D%252Fx"
    assert len({address.replace("%3D%26", "%26") for address in said.values()}) == 1


def test_somebody_without_the_right_is_told_what_is_said_of_an_app_that_is_not_there(client, world, demo):
    client.post(f"/login/{world.make_login_link(world.add_user('eve'))}")
    private, absent = (client.get("/enter", params={"host": host}) for host in (HOST, "eve-none.apps.localhost"))
    assert private.status_code == absent.status_code == 404
    ids = [answer.headers["x-request-id"] for answer in (private, absent)]
    assert private.text.replace(ids[0], "") == absent.text.replace(ids[1], "")


@pytest.mark.parametrize("path", ["//evil.test", "/\\evil.test", "https://evil.test", "/%2f%2fevil.test\r\n", "evil"])
def test_the_way_on_stays_on_the_apps_host(signed_in, demo, path):
    ticket_in(signed_in.get("/enter", params={"host": HOST, "next": path}))


def test_an_open_app_needs_no_ticket(client, world, ada):
    world.add_live_space(ada, "demo")
    answer = client.get("/enter", params={"host": HOST, "next": "/x"})
    assert answer.headers["location"] == f"http://{HOST}:8080/x"


def test_the_page_of_a_private_space_frames_its_app_through_the_hub(signed_in, demo):
    assert f'<iframe class="app-frame" src="/enter?host={HOST}&amp;next=%2F"' in signed_in.get("/spaces/ada/demo").text


def test_what_an_app_is_told_about_a_visitor_is_signed_for_it(signed_in, parts, world, ada, demo):
    world.change(demo, card=demo.card.model_copy(update={"identity_headers": True}))
    claims = claims_of(redeem(parts, ticket_in(signed_in.get("/enter", params={"host": HOST}))).token)
    assert (claims["name"], claims["groups"]) == ("ada", "")
    identity = claims_of(claims["identity"])
    assert (identity["aud"], identity["preferred_username"]) == (f"http://{HOST}:8080", "ada")
    assert identity["sub"] == ada.id


def test_programs_get_a_pass_for_their_own_key(client, parts, ada, demo, access):
    with parts.database.writing() as session:
        mine = tokens.create_token(session, ada, scope=Scope.READ)
        here = tokens.create_token(session, ada, scope=Scope.READ, spaces=[demo])
        elsewhere = tokens.create_token(session, ada, scope=Scope.READ, spaces=[])
    for token in (mine, here):
        answer = client.get("/api/spaces/ada/demo/jwt", headers={"Authorization": f"Bearer {token}"})
        claims = claims_of(answer.json()["token"])
        assert access().admits(HOST, claims["sub"])
    assert client.get("/api/spaces/ada/demo/jwt", headers={"Authorization": f"Bearer {elsewhere}"}).status_code == 404
    assert client.get("/api/spaces/ada/demo/jwt").status_code == 401
    with parts.database.writing() as session:
        session.query(AccessToken).delete()
    assert not access().admits(HOST, claims["sub"])


def test_the_proxy_knows_of_everybody_who_may_open_an_app_and_of_nobody_else(parts, world, ada, demo, access):
    eve, bob, cy = (world.add_user(name) for name in ("eve", "bob", "cy"))
    admin = world.add_user("root", admin=True)
    with parts.database.writing() as session:
        org = Organization(name="team")
        session.add(org)
        session.flush()
        session.add(Membership(organization_id=org.id, user_id=bob.id, role=Role.READ))
        session.add(Collaborator(space_id=demo.id, user_id=cy.id, role=Role.READ))
        session.add(Space(owner_id=org.id, name="theirs", host_label="team-theirs", visibility=Visibility.PRIVATE))
        session.add(Space(owner_id=org.id, name="all", host_label="team-all", visibility=Visibility.INTERNAL))
        session.add(Space(owner_id=org.id, name="app", host_label="team-app", visibility=Visibility.PROTECTED))
        for user in (ada, eve, bob, cy, admin):
            sessions.start_session(session, user.id)
    found = access()
    key_of = {subject.removeprefix("user:"): key for key, subject in found.keys.items()}
    may_enter = {
        label: {
            user.name for user in (ada, eve, bob, cy, admin) if found.admits(f"{label}.apps.localhost", key_of[user.id])
        }
        for label in ("ada-demo", "team-theirs", "team-all", "team-app")
    }
    everybody = {"ada", "eve", "bob", "cy", "root"}
    assert may_enter["ada-demo"] == {"ada", "cy", "root"}
    assert may_enter["team-theirs"] == {"bob", "root"}
    assert may_enter["team-all"] == may_enter["team-app"] == everybody
    assert found.admits("team-app.apps.localhost", "")
    assert not found.admits("team-all.apps.localhost", "")


def test_inside_only_nothing_is_open_to_strangers(parts, world, ada):
    world.add_live_space(ada, "demo")
    inside = parts.settings.model_copy(update={"public_spaces": False})
    with parts.database.reading() as session:
        assert edge_access(session, inside).doors[HOST].circle == "inside"
        assert edge_access(session, parts.settings).doors[HOST].circle == "open"


def test_an_app_that_was_taken_down_has_no_door(world, demo, access):
    world.change(demo, taken_down_at=now())
    assert HOST not in access().doors


def test_every_change_of_who_may_come_in_gives_a_hint(parts, world, ada, demo):
    with parts.redis_sync.pubsub() as heard:
        heard.subscribe(hints.ACCESS)
        heard.get_message(timeout=1)

        def hinted(change) -> bool:
            with parts.database.writing() as session:
                change(session)
            return heard.get_message(ignore_subscribe_messages=True, timeout=0.5) is not None

        user = world.add_user("bob")
        heard.get_message(timeout=0.5)
        assert hinted(lambda session: sessions.start_session(session, ada.id))
        assert hinted(lambda session: sessions.end_all(session, ada.id))
        assert hinted(lambda session: tokens.create_token(session, ada, scope=Scope.READ))
        assert hinted(lambda session: session.add(Collaborator(space_id=demo.id, user_id=user.id, role=Role.READ)))
        assert hinted(lambda session: setattr(session.get_one(Space, demo.id), "visibility", Visibility.INTERNAL))
        assert hinted(lambda session: accounts.suspend(session, session.get_one(User, ada.id), reason="x"))
        assert not hinted(lambda session: session.get_one(Space, demo.id))
        assert not hinted(lambda session: setattr(session.get_one(Space, demo.id), "likes", Space.likes + 1))
        assert not hinted(lambda session: session.execute(update(Space), [{"id": demo.id, "trending": 2.0}]))
        assert hinted(lambda session: session.execute(update(Space).values(visibility=Visibility.PRIVATE)))
        assert hinted(lambda session: session.execute(update(Space), [{"id": demo.id, "host_label": "other"}]))
