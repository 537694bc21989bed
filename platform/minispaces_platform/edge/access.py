"""What the proxy knows about who may come in, computed from the one policy."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select, union_all
from sqlalchemy.orm import Session

from minispaces_contract.messages import Door, EdgeAccess
from minispaces_platform.access import Action, Actor, may
from minispaces_platform.accounts.tokens import OAUTH_HINT
from minispaces_platform.database import now
from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge.passes import guest_key, hub_key, session_key, token_key
from minispaces_platform.models.accounts import AccessToken, AccessTokenSpace, LoginSession, User
from minispaces_platform.models.namespaces import Membership
from minispaces_platform.models.oauth import OAuthToken
from minispaces_platform.models.roles import Role
from minispaces_platform.models.scopes import Scope
from minispaces_platform.models.spaces import Collaborator, GuestLink, Space
from minispaces_platform.oauth.clients import TERMINALS, signs_people_in, space_id_of
from minispaces_platform.releases.previews import list_previews
from minispaces_platform.settings import PlatformSettings


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who is not suspended, by id; their roles by the id of the organisation or Space, and the reverse."""

    users: Mapping[str, User]
    roles: Mapping[str, Mapping[str, Role]]
    holders: Mapping[str, frozenset[str]]

    def actor(self, user_id: str) -> Actor:
        return Actor(self.users[user_id], roles=self.roles.get(user_id, {}))

    def candidates(self, space: Space) -> frozenset[str]:
        """Whoever could possibly hold a role in it; `may` has the last word."""
        admins = frozenset(user.id for user in self.users.values() if user.is_admin)
        named = (
            {space.owner_id} | self.holders.get(space.owner_id, frozenset()) | self.holders.get(space.id, frozenset())
        )
        return admins | (named & self.users.keys())


def edge_access(session: Session, settings: PlatformSettings) -> EdgeAccess:
    """A handful of statements, however many people and Spaces there are."""
    people = _people(session)
    spaces = {space.id: space for space in session.scalars(select(Space))}
    doors = {host_of(space, settings): door for space in spaces.values() if (door := door_of(space, settings))}
    guarded = [spaces[door.space_id] for door in doors.values() if door.circle != "open"]
    for preview in list_previews(session):  # they are no less and no more open than their Space
        if door := doors.get(host_of(spaces[preview.space_id], settings)):
            doors |= {settings.app_host(label): door for label in (preview.label, preview.alias)}
    tokens = list(_tokens(session, people, spaces))
    guests = list(_guests(session))
    keys = {session_key(id_): f"user:{user}" for id_, user in _sessions(session) if user in people.users}
    for token in tokens:
        keys |= {token.digest: token.subject, token_key(token.id): token.subject}
    keys |= {guest_key(id_): f"guest:{id_}" for id_, _ in guests}
    keys[hub_key()] = "hub"
    allowed = {f"user:{user_id}|inside" for user_id in people.users}
    allowed |= {f"hub|{space.id}" for space in guarded}
    allowed |= {f"user:{user_id}|{space.id}" for space in guarded for user_id in _admitted(people, space)}
    allowed |= {f"{token.subject}|{space.id}" for token in tokens for space in token.opens}
    allowed |= {f"guest:{id_}|{space_id}" for id_, space_id in guests}
    return EdgeAccess(doors=doors, keys=keys, allowed=frozenset(allowed))


def door_of(space: Space, settings: PlatformSettings) -> Door | None:
    """None while the app is taken down: closed to everybody."""
    if space.taken_down_at:
        return None
    identity = space.card.identity_headers
    if may(Actor(welcome=settings.public_spaces), Action.OPEN_APP, space):
        return Door(circle="open", space_id=space.id, identity=identity)
    circle = "inside" if may(Actor(User(id="", is_admin=False)), Action.OPEN_APP, space) else "members"
    return Door(circle=circle, space_id=space.id, identity=identity)


def _admitted(people: People, space: Space) -> Iterator[str]:
    return (each for each in people.candidates(space) if may(people.actor(each), Action.OPEN_APP, space))


def _people(session: Session) -> People:
    users = {user.id: user for user in session.scalars(select(User).where(User.suspended_at.is_(None)))}
    roles: dict[str, dict[str, Role]] = defaultdict(dict)
    holders: dict[str, set[str]] = defaultdict(set)
    rows = session.execute(
        union_all(
            select(Membership.user_id, Membership.organization_id, Membership.role),
            select(Collaborator.user_id, Collaborator.space_id, Collaborator.role),
        )
    )
    for user_id, thing_id, role in rows:
        roles[user_id][thing_id] = Role(role)
        holders[thing_id].add(user_id)
    return People(users, roles, {thing: frozenset(found) for thing, found in holders.items()})


def _sessions(session: Session) -> list[tuple[str, str]]:
    live = LoginSession.ended_at.is_(None), LoginSession.expires_at > now()
    return [
        (row.id, row.user_id) for row in session.execute(select(LoginSession.id, LoginSession.user_id).where(*live))
    ]


@dataclass(frozen=True, slots=True)
class _Token:
    """`opens` is for a restricted one and for an app's one of an admin, whose subject is itself; the others are their
    owner's.
    """

    id: str
    digest: str
    subject: str
    opens: tuple[Space, ...] = ()


def _tokens(session: Session, people: People, spaces: Mapping[str, Space]) -> Iterator[_Token]:
    limits: dict[str, list[str]] = defaultdict(list)
    for token_id, space_id in session.execute(select(AccessTokenSpace.token_id, AccessTokenSpace.space_id)):
        limits[token_id].append(space_id)
    live = or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now())
    rows = select(AccessToken, OAuthToken.client_id).outerjoin(OAuthToken, OAuthToken.token_id == AccessToken.id)
    for token, client_id in session.execute(rows.where(live)):
        if token.user_id not in people.users or (token.hint == OAUTH_HINT and not _stands(client_id, spaces)):
            continue
        own = people.actor(token.user_id)
        delegated = client_id is not None and client_id not in TERMINALS
        if not token.restricted and not (delegated and own.is_admin):
            yield _Token(token.id, token.digest, f"user:{token.user_id}")
            continue
        limit = frozenset(limits[token.id]) if token.restricted else None
        actor = Actor(own.user, Scope(token.scope), roles=own.roles, spaces=limit, delegated=delegated)
        opens = (spaces[each] for each in (spaces if limit is None else limit) if each in spaces)
        open_to_it = tuple(space for space in opens if may(actor, Action.OPEN_APP, space))
        yield _Token(token.id, token.digest, token_key(token.id), open_to_it)


def _stands(client_id: str | None, spaces: Mapping[str, Space]) -> bool:
    """Whether what issued a token to an app may still sign people in."""
    if client_id is None or client_id in TERMINALS:
        return client_id is not None
    space = spaces.get(space_id_of(client_id) or "")
    return space is not None and signs_people_in(space)


def _guests(session: Session) -> list[tuple[str, str]]:
    live = GuestLink.revoked_at.is_(None), GuestLink.expires_at > now()
    return [(row.id, row.space_id) for row in session.execute(select(GuestLink.id, GuestLink.space_id).where(*live))]
