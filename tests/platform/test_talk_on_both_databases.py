"""Discussions, the bell, the inbox and the dashboard's figures on SQLite and on PostgreSQL."""

from datetime import UTC, datetime

from minispaces_contract.usage import AppUsage, MachineUsage, UsageReport
from minispaces_platform.accounts import service as accounts
from minispaces_platform.actors import actor_of_user
from minispaces_platform.admin.organization_pages import list_organizations
from minispaces_platform.admin.overview import count_everything
from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.discussions import queries, service
from minispaces_platform.feedback.queries import every_feedback, list_feedback
from minispaces_platform.feedback.service import send_feedback
from minispaces_platform.notifications.queries import count_unread, list_notifications
from minispaces_platform.organizations.service import create_organization
from minispaces_platform.quotas.queries import list_quotas
from minispaces_platform.quotas.service import Amounts, set_quota
from minispaces_platform.spaces.service import create_space
from minispaces_platform.usage.queries import list_usage
from minispaces_platform.usage.service import record_usage


def test_people_talk_and_are_told(migrated):
    with migrated.writing() as session:
        ada, grace = (accounts.add_user(session, name) for name in ("ada", "grace"))
        demo = create_space(session, ada, "demo", by=ada)
        for title in ("One", "Two"):
            service.start_discussion(session, actor_of_user(session, grace), demo, title=title, text="@ada?")
        first = service.get_discussion(session, demo, 1)
        service.set_pinned(session, actor_of_user(session, ada), demo, first, pinned=True)
        send_feedback(session, actor_of_user(session, grace), demo, text="Nice")
    with migrated.reading() as session:
        me = actor_of_user(session, accounts.get_user(session, "ada"))
        listed = queries.list_discussions(session, demo.id, closed=False, page=1)
        assert [each.number for each in listed] == [1, 2]
        assert count_unread(session, me) == len(list_notifications(session, me, ada.id)) == 3
        assert len(list_feedback(session, demo.id, state="open", kind="message")) == 1
    assert [each.text for each in every_feedback(migrated, demo.id, state="open", kind="")] == ["Nice"]


def test_the_dashboards_figures(migrated):
    with migrated.writing() as session:
        ada = accounts.add_user(session, "ada")
        create_organization(session, COMMAND_LINE, "lab", admin=ada)
        demo = create_space(session, ada, "demo", by=ada)
        app = AppUsage(deployment_id="d", space_id=demo.id, memory=5 << 30)
        record_usage(session, UsageReport(at=datetime.now(UTC), seconds=5, machine=MachineUsage(), apps=(app,)))
        set_quota(session, COMMAND_LINE, ada, Amounts(spaces=2, disk=10**12))
    with migrated.reading() as session:
        assert [usage.memory for _, usage in list_usage(session, order="memory", limit=5, search="DEM")] == [5 << 30]
        assert (count_everything(session).people, count_everything(session).spaces) == (1, 1)
        assert [(each.name, each.members) for each in list_organizations(session)] == [("lab", 1)]
        assert [(each.used.spaces, each.allowed.disk) for each in list_quotas(session)] == [(1, 10**12)]
