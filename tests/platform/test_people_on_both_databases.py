"""What searches and locks does so on SQLite and on PostgreSQL alike."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from minispaces_platform.access import Actor, Carrier
from minispaces_platform.accounts.service import add_user, get_user
from minispaces_platform.admin import people
from minispaces_platform.admin.queries import list_all_spaces, list_people
from minispaces_platform.audit.queries import AuditFilter, every_event
from minispaces_platform.database import Database, now
from minispaces_platform.errors import ConflictError
from minispaces_platform.models.namespaces import Organization
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.scopes import Scope
from minispaces_platform.namespaces.queries import list_members, list_organizations
from minispaces_platform.namespaces.service import find_renamed, rename
from minispaces_platform.organizations import members, service
from minispaces_platform.spaces.collaborators import set_collaborator
from minispaces_platform.spaces.moving import rename_space, transfer_space
from minispaces_platform.spaces.queries import list_collaborators
from minispaces_platform.spaces.service import create_space, find_moved
from minispaces_platform.spaces.visibility import set_visibility


@pytest.fixture
def database(migrated: Database) -> Database:
    return migrated


@pytest.fixture
def ada(database: Database) -> Actor:
    with database.writing() as session:
        return Actor(add_user(session, "Ada", admin=True), Scope.WRITE, Carrier.COOKIE)


def test_the_last_admins_are_kept(database: Database, ada: Actor) -> None:
    with database.writing() as session:
        lab = service.create_organization(session, ada, "lab", admin=ada.user)
        grace = add_user(session, "grace")
        members.add_member(session, ada, lab, user=grace, role=Role.WRITE)
    for deed in (
        lambda session: people.set_admin(session, ada, ada.user, admin=False),
        lambda session: people.suspend(session, ada, ada.user, reason="no"),
        lambda session: members.remove_member(session, ada, session.get_one(Organization, lab.id), user=ada.user),
    ):
        with pytest.raises(ConflictError), database.writing() as session:
            deed(session)
    with database.reading() as session:
        assert [(each.name, each.role) for each in list_members(session, lab.id)] == [
            ("Ada", Role.ADMIN), ("grace", Role.WRITE),
        ]  # fmt: skip
        assert [(each.name, role) for each, role in list_organizations(session, grace.id)] == [("lab", Role.WRITE)]


def test_trails_are_laid_followed_and_ended(database: Database, ada: Actor) -> None:
    with database.writing() as session:
        lab = service.create_organization(session, ada, "lab", admin=ada.user)
        space = create_space(session, lab, "Hello", by=ada.user)
        rename_space(session, ada, space, name="hallo")
        rename(session, ada, lab, name="vision")
    with database.reading() as session:
        assert find_renamed(session, "LAB").name == "vision"
        assert find_moved(session, "Lab", "HELLO").full_name == "vision/hallo"
    with database.writing() as session:
        add_user(session, "Lab")
    with database.reading() as session:
        assert find_renamed(session, "lab") is None
        assert find_moved(session, "lab", "hello") is None


def test_what_has_moved_is_searched_and_told(database: Database, ada: Actor) -> None:
    with database.writing() as session:
        lab = service.create_organization(session, ada, "lab", admin=ada.user)
        grace = add_user(session, "grace")
        space = create_space(session, ada.user, "hello", by=ada.user)
        set_collaborator(session, ada, space, user=grace, role=Role.READ)
        set_visibility(session, ada, space, visibility=Visibility.PRIVATE)
        transfer_space(session, ada, space, to=lab)
    with database.reading() as session:
        assert [each.name for each in list_people(session, search="GRA")] == ["grace"]
        assert [each.full_name for each in list_all_spaces(session, search="LAB/he")] == ["lab/hello"]
        assert [each.name for each in list_collaborators(session, space.id)] == ["grace"]
    today = now().date()
    for wanted, actions in (
        (AuditFilter(person="ADA", action="space.", since=today), ["space.transfer", "space.visibility"]),
        (AuditFilter(text="private"), ["space.visibility"]),
        (AuditFilter(thing="lab/hello", until=today), ["space.transfer"]),
        (AuditFilter(until=date(2000, 1, 1)), []),
    ):
        assert [event.action for event in every_event(database, wanted)] == actions


def test_of_two_admins_who_end_each_other_at_once_one_stays(database: Database, ada: Actor) -> None:
    with database.writing() as session:
        grace = add_user(session, "grace", admin=True)
    ready = threading.Barrier(2)

    def end(name: str) -> bool:
        ready.wait(10)
        try:
            with database.writing() as session:
                people.set_admin(session, ada, get_user(session, name), admin=False)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(end, ["Ada", grace.name])) == [False, True]
