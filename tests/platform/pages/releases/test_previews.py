"""Previews: each pushed commit of any branch has a host of its own, born asleep."""

from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest

from minispaces_contract.messages import TicketPresented
from minispaces_contract.states import InstanceStatus
from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.edge import guests, tickets
from minispaces_platform.edge.access import edge_access
from minispaces_platform.models.roles import Visibility
from minispaces_platform.releases.previews import remove_previews
from minispaces_platform.spaces.queries import find_now


def hosts(running):
    return [spec.host.partition(".")[0] for spec in running.previews]


def test_every_commit_that_was_built_has_a_host_and_sleeps(running):
    running.go_live()
    running.build(running.push("feature/x"))
    assert hosts(running) == ["aaaaaa1--ada-hello", "aaaaaa2--ada-hello"]
    assert {(spec.on_demand, spec.env["SPACE_HOST"]) for spec in running.previews} == {
        (True, f"{host}.apps.localhost:8080") for host in hosts(running)
    }


def test_another_branch_leaves_the_space_as_it_is(running):
    running.go_live()
    running.build(running.push("feature"))
    running.build(running.push("feature"), error="no")
    assert [spec.version for spec in running.world.deployments if not spec.on_demand] == [1]
    with running.parts.database.reading() as session:
        now = find_now(session, running.space_id)
    assert (now.stage, now.build.version) == ("RUNNING", 1)
    assert running.go_live() == 4


def test_a_branch_leads_to_its_newest_commit(running):
    for branch in ("main", "feature", "feature"):
        running.build(running.push(branch))
    leads = {route.host.partition(".")[0]: route.leads_to.partition(".")[0] for route in running.world.routes}
    assert leads["feature--ada-hello"] == "aaaaaa3--ada-hello"
    assert leads["main--ada-hello"] == "aaaaaa1--ada-hello"
    assert leads["aaaaaa2--ada-hello"] == ""


def test_one_commit_on_two_branches_has_two(running):
    running.build(running.push(commit="abcdef1234" * 4))
    running.build(running.push("feature", commit="abcdef1234" * 4))
    assert hosts(running) == ["abcdef1--ada-hello", "abcdef12--ada-hello"]


def test_only_the_newest_are_kept_and_they_go_with_their_branch(running):
    for number in range(4):
        running.build(running.push(f"b{number}"))
    running.parts.settings.kept_previews = 2
    running.build(running.push("main"))
    assert [spec.version for spec in running.previews] == [4, 5]
    running.write(lambda session, _: remove_previews(session, running.parts, running.space_id, branches=["b3"]))
    assert [spec.version for spec in running.previews] == [5]


def test_whoever_may_open_the_app_may_open_its_previews_and_nobody_else(running):
    running.write(lambda _session, space: setattr(space, "visibility", Visibility.PRIVATE))
    running.build(running.push("feature"))
    with running.parts.database.reading() as session:
        known = edge_access(session, running.parts.settings)
    for label in ("ada-hello", "aaaaaa1--ada-hello", "feature--ada-hello"):
        assert known.doors[f"{label}.apps.localhost"].circle == "members"
        assert not known.admits(f"{label}.apps.localhost", "")


@pytest.mark.parametrize(
    ("host", "outcome"),
    [("aaaaaa1--ada-hello", "entered"), ("feature--ada-hello", "elsewhere"), ("ffffff1--ada-hello", "elsewhere")],
)
def test_a_ticket_opens_a_preview_that_is_there(running, world, host, outcome):
    running.write(lambda _session, space: setattr(space, "visibility", Visibility.PRIVATE))
    running.build(running.push("feature"))
    running.parts.settings.edge_key = type(running.parts.settings.edge_key)("k" * 32)
    session_id = _session_of(running, world)
    ticket = running.write(lambda session, space: tickets.issue(session, space, session_id=session_id))
    presented = TicketPresented(ticket=ticket, host=f"{host}.apps.localhost")
    answer = running.write(lambda session, _: tickets.redeem(session, presented, running.parts.settings))
    assert answer.outcome == outcome


def test_a_guest_link_opens_the_app_or_a_preview_of_it_and_no_other(running, world, client):
    running.write(lambda _session, space: setattr(space, "visibility", Visibility.PRIVATE))
    world.add_space(running.owner, "other")
    running.build(running.push("feature"))
    running.parts.settings.edge_key = type(running.parts.settings.edge_key)("k" * 32)
    make = partial(guests.create_link, actor=COMMAND_LINE, name="jury", days=1)
    secret = running.write(lambda session, space: make(session, space=space))

    def follow(label):
        return client.get(f"/enter/guest/{secret}", params={"host": f"{label}.apps.localhost"} if label else {})

    leads = {"": "ada-hello", "feature--ada-hello": "aaaaaa1--ada-hello", "aaaaaa1--ada-hello": "aaaaaa1--ada-hello"}
    for label, expected in leads.items():
        address = urlsplit(follow(label).headers["location"])
        assert address.hostname == f"{expected}.apps.localhost"
        presented = TicketPresented(ticket=parse_qs(address.query)["ticket"][0], host=address.hostname)
        assert running.write(lambda session, _, it=presented: tickets.redeem(session, it, running.parts.settings)).token
    assert {follow(label).status_code for label in ("ada-other", "ffffff1--ada-hello")} == {404}


def _session_of(running, world):
    from sqlalchemy import select

    from minispaces_platform.models.accounts import LoginSession

    world.start_session(running.owner)
    with running.parts.database.reading() as session:
        return session.scalar(select(LoginSession.id))


def test_an_address_of_a_branch_is_entered_at_its_newest_commit(running):
    running.build(running.push("feature"))
    with running.parts.database.reading() as session:
        app = tickets.find_by_host(session, "feature--ada-hello.apps.localhost", running.parts.settings)
    assert app.host == "aaaaaa1--ada-hello.apps.localhost"


def test_the_push_ends_with_its_addresses(running):
    build = running.push("feature")
    running.build(build)
    assert "of feature is built, and asleep until somebody opens it" in running.outcome(build)


def test_a_preview_that_fails_says_why_and_nothing_else_changes(running):
    running.go_live()
    running.build(running.push("feature"))
    preview = running.previews[-1]
    running.report_of(preview.id, InstanceStatus.FAILED, detail="it ended with exit code 3")
    (route,) = [route for route in running.world.routes if route.deployment_id == preview.id]
    assert route.failed == "it ended with exit code 3"
    assert running.deployment().observed is InstanceStatus.RUNNING


def test_a_preview_has_a_picture_of_its_own(running):
    from minispaces_platform.thumbnails import service as thumbnails

    running.build(running.push("feature"))
    preview = running.previews[-1]
    running.report_of(preview.id, InstanceStatus.RUNNING)
    with running.parts.database.writing() as session:
        assert thumbnails.order_of(session, running.parts.settings, preview.id).url.startswith(
            "http://aaaaaa1--ada-hello.apps.localhost"
        )
        thumbnails.keep(session, running.parts, preview.id, b"\x89PNG\r\n\x1a\n")
    assert (running.parts.settings.data / "thumbnails" / running.space_id / "1.picture").exists()
    assert running.write(lambda _session, space: space.thumbnail) is None
