"""Organisations: made and ended. Renaming is every namespace's, see namespaces/service.py."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_platform.access import PLATFORM, Action, Actor, may
from minispaces_platform.audit import service as audit
from minispaces_platform.errors import ConflictError, ForbiddenError, NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Space
from minispaces_platform.namespaces.service import FULL_NAME_MAX, find_namespace, take_name
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.wording import tidy


def get_organization(session: Session, name: str) -> Organization:
    if isinstance(found := find_namespace(session, name), Organization):
        return found
    raise NotFoundError(f"There is no organisation {name[:63]!r}.", hint="minispaces org list")


def refuse_creation(actor: Actor, settings: PlatformSettings) -> None:
    """Raises ForbiddenError where only admins make organisations."""
    if settings.organizations_by_admins and not may(actor, Action.ADMINISTER, PLATFORM):
        raise ForbiddenError("Only admins make organisations here.", hint="Ask one of them.")


def create_organization(session: Session, actor: Actor, name: str, *, admin: User, full_name: str = "") -> Organization:
    """`admin` is its first. Raises InvalidError for a bad name and ConflictError for a taken one."""
    take_name(session, name, what="organisation")
    made = Organization(name=name, full_name=tidy(full_name, FULL_NAME_MAX))
    session.add(made)
    session.flush()
    session.add(Membership(organization_id=made.id, user_id=admin.id, role=Role.ADMIN))
    audit.record(session, actor, "organization.create", made, admin=admin.name)
    return made


def delete_organization(session: Session, actor: Actor, organization: Organization) -> None:
    """Raises ConflictError while it owns a Space."""
    if count := session.scalar(select(func.count(Space.id)).where(Space.owner_id == organization.id)):
        raise ConflictError(
            f"{organization.name} still owns {count} Space{'' if count == 1 else 's'}.",
            hint="Transfer them first: on each Space's settings page.",
        )
    audit.record(session, actor, "organization.delete", organization)
    session.delete(organization)


def every_organization(session: Session) -> Sequence[Organization]:
    return session.scalars(select(Organization).order_by(func.lower(Organization.name))).all()
