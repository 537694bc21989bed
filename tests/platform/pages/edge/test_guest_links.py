"""Guest links: made, listed and revoked by those who manage a Space; one app for whoever holds one."""

import pytest

from minispaces_contract.messages import TicketPresented
from minispaces_platform.database import now
from minispaces_platform.edge import tickets
from minispaces_platform.edge.access import edge_access
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.spaces import GuestLink

HOST = "ada-demo.apps.localhost"
PAGE = "/spaces/ada/demo/guests"


@pytest.fixture
def secret(signed_in, demo) -> str:
    return made_by(signed_in, label="the jury", days="3")


def made_by(client, **fields: str) -> str:
    answer = client.post(PAGE, data=fields)
    assert answer.status_code == 200, answer.text
    return answer.text.split("/enter/guest/")[1][:43]


def link_of(parts) -> GuestLink:
    with parts.database.reading() as session:
        return session.query(GuestLink).one()


def follow(client, parts, secret: str):
    answer = client.get(f"/enter/guest/{secret}", params={"next": "/x"})
    assert answer.status_code == 303, answer.text
    ticket = answer.headers["location"].split("ticket=")[1].split("&")[0]
    with parts.database.writing() as session:
        return tickets.redeem(session, TicketPresented(ticket=ticket, host=HOST), parts.settings)


def admits(parts) -> bool:
    with parts.database.reading() as session:
        return edge_access(session, parts.settings).admits(HOST, f"guest:{link_of(parts).id}")


def test_a_link_is_shown_once_and_stored_as_its_digest(signed_in, parts, secret):
    page = signed_in.get(PAGE).text
    assert "the jury" in page
    assert secret not in page
    assert secret not in repr(vars(link_of(parts)))


def test_whoever_holds_a_link_opens_the_app_without_an_account(client, signed_in, parts, secret):
    client.cookies.clear()
    answer = follow(client, parts, secret)
    assert answer.outcome == "entered"
    assert answer.seconds == 8 * 3600
    assert admits(parts)
    assert client.get("/spaces/ada/demo").status_code == 401


def test_a_pass_ends_with_its_link(client, parts, secret, world):
    world.change(link_of(parts), expires_at=now().replace(microsecond=0))
    assert client.get(f"/enter/guest/{secret}").status_code == 404
    assert not admits(parts)


def test_a_revoked_link_leads_nowhere_and_puts_out_who_came_by_it(client, signed_in, parts, secret):
    answer = signed_in.post(f"{PAGE}/{link_of(parts).id}/revoke")
    assert answer.status_code == 303
    assert client.get(f"/enter/guest/{secret}").status_code == 404
    assert not admits(parts)
    assert "the jury" not in signed_in.get(PAGE).text
    with parts.database.reading() as session:
        done = [event.action for event in session.query(AuditEvent).order_by(AuditEvent.id)]
    assert [action for action in done if action.startswith("guest")] == ["guest_link.create", "guest_link.revoke"]


def test_a_link_of_another_space_is_not_revoked_here(signed_in, parts, world, ada, secret):
    world.add_live_space(ada, "other")
    assert signed_in.post(f"/spaces/ada/other/guests/{link_of(parts).id}/revoke").status_code == 404
    assert admits(parts)


@pytest.mark.parametrize(
    "fields", [{"label": " "}, {"label": "x" * 101}, {"label": "x", "days": "0"}, {"label": "x", "days": "366"}]
)
def test_a_link_without_a_name_or_with_no_sensible_end_is_not_made(signed_in, parts, demo, fields):
    answer = signed_in.post(PAGE, data=fields)
    assert answer.status_code == 422
    assert "guest link" in answer.text
    with parts.database.reading() as session:
        assert session.query(GuestLink).count() == 0
