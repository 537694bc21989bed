"""A team, people around it, and a browser for each of them."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from minispaces_platform.audit.service import COMMAND_LINE
from minispaces_platform.models.accounts import User
from minispaces_platform.models.audit import AuditEvent
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role, Visibility
from minispaces_platform.models.spaces import Space
from minispaces_platform.organizations import members, service
from minispaces_platform.parts import Parts
from minispaces_platform.spaces.service import create_space


@dataclass
class Team:
    """Ada administers `lab`; others join by `add`."""

    parts: Parts
    ada: User
    id: str = ""

    def add(self, user: User, role: Role) -> None:
        with self.parts.database.writing() as session:
            lab = session.get_one(Organization, self.id)
            members.add_member(session, COMMAND_LINE, lab, user=user, role=role)

    def role_of(self, user: User) -> Role | None:
        with self.parts.database.reading() as session:
            return session.scalar(
                select(Membership.role).where(Membership.organization_id == self.id, Membership.user_id == user.id)
            )

    def add_space(self, name: str, visibility: Visibility = Visibility.PUBLIC) -> Space:
        with self.parts.database.writing() as session:
            return create_space(session, session.get_one(Organization, self.id), name, visibility=visibility)


@pytest.fixture
def lab(parts: Parts, ada: User) -> Team:
    with parts.database.writing() as session:
        made = service.create_organization(session, COMMAND_LINE, "lab", admin=ada)
    return Team(parts, ada, made.id)


@pytest.fixture
def browser(app: FastAPI, world) -> Callable[..., TestClient]:
    """A client that is signed in as somebody; without anybody a stranger's."""

    def open_for(user: User | None = None) -> TestClient:
        headers = {"Accept": "text/html", "Origin": "http://localhost:8080"}
        client = TestClient(app, "http://localhost:8080", headers=headers, follow_redirects=False)
        if user:
            assert client.post(f"/login/{world.make_login_link(user)}").status_code == 303
        return client

    return open_for


@pytest.fixture
def add_space(parts: Parts) -> Callable[..., Space]:
    def add(owner: User, name: str, visibility: Visibility = Visibility.PUBLIC) -> Space:
        with parts.database.writing() as session:
            return create_space(session, session.get_one(User, owner.id), name, by=owner, visibility=visibility)

    return add


@pytest.fixture
def events(parts: Parts) -> Callable[[], list[AuditEvent]]:
    """The audit log, oldest first."""

    def read() -> list[AuditEvent]:
        with parts.database.reading() as session:
            return list(session.scalars(select(AuditEvent).order_by(AuditEvent.id)))

    return read
