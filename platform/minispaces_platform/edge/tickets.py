"""Tickets: how somebody whom the hub knows gets to an app's host, once, within a minute."""

import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from minispaces_contract.messages import TicketAnswer, TicketPresented
from minispaces_platform.access import Action, Actor, may
from minispaces_platform.accounts.secrets import digest, new_secret
from minispaces_platform.actors import actor_of_user
from minispaces_platform.database import now
from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge.passes import Visitor, guest_key, make_pass, session_key, token_key
from minispaces_platform.models.accounts import Identity, LoginSession, User
from minispaces_platform.models.namespaces import Membership, Organization
from minispaces_platform.models.spaces import EntryTicket, GuestLink, Space
from minispaces_platform.releases.previews import find_preview
from minispaces_platform.settings import PlatformSettings

TICKET_SECONDS = 60
SPENT = TicketAnswer(outcome="spent")


@dataclass(frozen=True, slots=True)
class App:
    """What a host leads to: a Space, or one of its previews. `host` is the one that stands for a branch's."""

    space: Space
    host: str


def find_by_host(session: Session, host: str, settings: PlatformSettings) -> App | None:
    label, _, rest = host.lower().partition(".")
    if rest != settings.apps_domain.lower():
        return None
    preview = find_preview(session, label) if "--" in label else None
    which = Space.id == preview.space_id if preview else Space.host_label == label
    space = session.scalar(select(Space).options(joinedload(Space.owner)).where(which))
    return App(space, f"{preview.label if preview else label}.{rest}") if space else None


def issue(session: Session, space: Space, *, session_id: str | None = None, guest_link_id: str | None = None) -> str:
    """The new ticket. Old ones that nobody used are thrown away on the way."""
    session.execute(delete(EntryTicket).where(EntryTicket.expires_at < now()))
    secret = new_secret()
    session.add(
        EntryTicket(
            digest=digest(secret), space_id=space.id, session_id=session_id, guest_link_id=guest_link_id,
            expires_at=now() + timedelta(seconds=TICKET_SECONDS),
        )
    )  # fmt: skip
    return secret


def address_with(ticket: str, host: str, settings: PlatformSettings, *, path: str) -> str:
    """Where a browser takes a ticket to."""
    query = urlencode({"ticket": ticket, "next": path})
    return f"{settings.url_of(host)}/.minispaces/enter?{query}"


def redeem(session: Session, presented: TicketPresented, settings: PlatformSettings) -> TicketAnswer:
    """The first one wins. A ticket that was taken to another app's host is used up all the same."""
    used = delete(EntryTicket).where(EntryTicket.digest == digest(presented.ticket)).returning(EntryTicket)
    ticket = session.scalar(used)
    if ticket is None or ticket.expires_at < now():
        return SPENT
    app = find_by_host(session, presented.host, settings)
    if app is None or app.space.id != ticket.space_id or app.host != presented.host:
        return TicketAnswer(outcome="elsewhere")
    if ticket.guest_link_id:
        return _let_guest_in(session.get(GuestLink, ticket.guest_link_id), app, settings)
    return _let_in(session, session.get(LoginSession, ticket.session_id or ""), app, settings)


def _let_in(session: Session, login: LoginSession | None, app: App, settings: PlatformSettings) -> TicketAnswer:
    """Rights are asked for once more: a minute is long."""
    user = session.get_one(User, login.user_id) if login and login.ended_at is None else None
    if login is None or user is None or user.suspended_at:
        return SPENT
    if not may(actor_of_user(session, user), Action.OPEN_APP, app.space):
        return SPENT
    visitor = visitor_of(session, user) if app.space.card.identity_headers else None
    return _answer(app, session_key(login.id), settings.pass_hours * 3600, settings, visitor=visitor)


def _let_guest_in(link: GuestLink | None, app: App, settings: PlatformSettings) -> TicketAnswer:
    if link is None or link.revoked_at or link.expires_at < now() or app.space.taken_down_at:
        return SPENT
    left = link.expires_at.timestamp() - time.time()
    return _answer(app, guest_key(link.id), min(left, settings.pass_hours * 3600), settings)


def _answer(
    app: App, key: str, seconds: float, settings: PlatformSettings, *, visitor: Visitor | None = None
) -> TicketAnswer:
    token = make_pass(settings, host=app.host, key=key, seconds=seconds, visitor=visitor)
    return TicketAnswer(outcome="entered", token=token, seconds=int(seconds))


def visitor_of(session: Session, user: User) -> Visitor:
    """With the e-mail address of the newest sign-in, if a provider said one."""
    email = session.scalar(
        select(Identity.email).where(Identity.user_id == user.id).order_by(Identity.last_login_at.desc()).limit(1)
    )
    mine = select(Membership.organization_id).where(Membership.user_id == user.id)
    groups = session.scalars(select(Organization.name).where(Organization.id.in_(mine))).all()
    return Visitor(user.id, user.name, email or "", groups)


def pass_for(actor: Actor, space: Space, settings: PlatformSettings) -> str:
    """From the credential that `actor` came with."""
    key = token_key(actor.token_id) if actor.token_id else session_key(actor.session_id or "")
    return make_pass(settings, host=host_of(space, settings), key=key, seconds=settings.pass_hours * 3600)
