"""Every organisation, with how many people and Spaces it has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.admin.queries import PAGE_SIZE
from minispaces_platform.guard import Admin
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import render
from minispaces_platform.parts import PartsDep
from minispaces_platform.wording import tidy

router = APIRouter(prefix="/admin", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    name: str
    full_name: str
    members: int
    spaces: int
    since: datetime


@dataclass(frozen=True, slots=True)
class OrganizationsView:
    organizations: tuple[OrganizationRow, ...]
    search: str
    older: str


@router.get("/organizations")
def show_organizations(
    admin: Admin, parts: PartsDep, q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=63)] = "",
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        found = list_organizations(session, search=tidy(q), after=tidy(after))
    older = found[PAGE_SIZE - 1].name if len(found) > PAGE_SIZE else ""
    return render("admin/organizations.html", OrganizationsView(found[:PAGE_SIZE], q, older), user=admin.user)


def list_organizations(session: Session, *, search: str = "", after: str = "") -> tuple[OrganizationRow, ...]:
    """One more than a page holds, where there are more. One statement."""
    members = select(func.count(Membership.id)).where(Membership.organization_id == Organization.id)
    spaces = select(func.count(Space.id)).where(Space.owner_id == Organization.id)
    name = func.lower(Organization.name)
    rows = session.execute(
        select(
            Organization.name, Organization.full_name,
            members.correlate(Organization).scalar_subquery(), spaces.correlate(Organization).scalar_subquery(),
            Organization.created_at,
        )
        .where(name.contains(search.lower(), autoescape=True) if search else true(), name > after.lower())
        .order_by(name)
        .limit(PAGE_SIZE + 1)
    )  # fmt: skip
    return tuple(OrganizationRow(*row) for row in rows)
