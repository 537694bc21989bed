"""Accounts by who a provider says somebody is: issuer and subject, never an e-mail address."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.accounts import sessions
from minispaces_platform.accounts.claims import Person, is_allowed, numbered
from minispaces_platform.accounts.group_rights import drop_rights, follow_groups
from minispaces_platform.accounts.providers import Provider
from minispaces_platform.accounts.service import add_user
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.errors import ConflictError, ForbiddenError
from minispaces_platform.models.accounts import Identity, User
from minispaces_platform.models.namespaces import FormerName
from minispaces_platform.namespaces.service import find_namespace


def user_of(session: Session, provider: Provider, person: Person) -> User:
    """Whose account it is, made now for somebody new, with the rights that their groups give.

    Raises ForbiddenError for somebody whom the allow-list leaves out.
    """
    check_allowed(provider, person)
    identity = find_identity(session, person)
    user = session.get_one(User, identity.user_id) if identity else _new_user(session, person)
    _remember(session, user, identity, person)
    follow_groups(session, user, provider, person.groups)
    return user


def link(session: Session, user: User, provider: Provider, person: Person) -> None:
    """Another way in to the account of somebody who is signed in. Raises ForbiddenError and ConflictError."""
    check_allowed(provider, person)
    identity = find_identity(session, person)
    if identity and identity.user_id != user.id:
        raise ConflictError(
            f"This account at {provider.title} already signs somebody else in.",
            hint="Sign in with it to see whom, and remove it there first.",
        )
    _remember(session, user, identity, person)
    follow_groups(session, user, provider, person.groups)


def unlink(session: Session, user: User, identity: Identity, *, but: str | None) -> None:
    """What the provider gave goes with it, and its sessions end, but for the one with the id `but`."""
    same_issuer = [each for each in identities_of(session, user) if each.issuer == identity.issuer]
    session.delete(identity)
    audit.record(session, audit.acting(user), "identity.remove", user, issuer=identity.issuer)
    if len(same_issuer) == 1:
        drop_rights(session, user, identity.issuer)
        sessions.end_all(session, user.id, but=but, issuer=identity.issuer)


def check_allowed(provider: Provider, person: Person) -> None:
    if not is_allowed(provider, person):
        raise ForbiddenError(
            f"Your account at {provider.title} is not among those that may sign in here.",
            hint="An administrator of this installation chooses which groups and e-mail domains may.",
        )


def find_identity(session: Session, person: Person) -> Identity | None:
    return session.scalar(select(Identity).where(Identity.issuer == person.issuer, Identity.subject == person.subject))


def identities_of(session: Session, user: User) -> list[Identity]:
    return list(session.scalars(select(Identity).where(Identity.user_id == user.id).order_by(Identity.id)))


def _remember(session: Session, user: User, identity: Identity | None, person: Person) -> None:
    if identity is None:
        identity = Identity(issuer=person.issuer, subject=person.subject, user_id=user.id)
        session.add(identity)
        audit.record(session, audit.acting(user), "identity.add", user, issuer=person.issuer)
    identity.email, identity.last_login_at = person.email, now()


def _new_user(session: Session, person: Person) -> User:
    user = add_user(session, _free_name(session, person.user_name))
    user.full_name = person.full_name
    audit.record(session, audit.acting(user), "user.create", user, issuer=person.issuer)
    return user


def _free_name(session: Session, wanted: str) -> str:
    """Also not one that somebody had before: links to them still lead on to where they are now."""
    for name in numbered(wanted):
        if not find_namespace(session, name) and not session.get(FormerName, name.lower()):
            return name
    raise ConflictError(f"Every name like {wanted!r} is taken.", hint="Ask an administrator to make your account.")
