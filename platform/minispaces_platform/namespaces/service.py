"""Names that people and organisations share: taken, found, and followed when they change."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from minispaces_contract import hints
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.errors import ConflictError, NotFoundError
from minispaces_platform.models.namespaces import FormerName, Namespace
from minispaces_platform.models.spaces import Space
from minispaces_platform.names import check_owner_name
from minispaces_platform.wording import tidy

FULL_NAME_MAX = 200


def find_namespace(session: Session, name: str) -> Namespace | None:
    """Whatever its case."""
    return session.scalar(select(Namespace).where(func.lower(Namespace.name) == name.lower()))


def get_namespace(session: Session, name: str) -> Namespace:
    if namespace := find_namespace(session, name):
        return namespace
    raise NotFoundError(f"There is nobody called {name[:63]!r} here.")


def find_renamed(session: Session, name: str) -> Namespace | None:
    """Who had this name before, while nobody else has taken it."""
    former = session.get(FormerName, name.lower())
    return session.get(Namespace, former.namespace_id) if former else None


def check_free(session: Session, name: str, *, what: str) -> None:
    """Raises InvalidError for a bad name and ConflictError for a taken one."""
    check_owner_name(name, what=what)
    if find_namespace(session, name):
        raise ConflictError(f"The name {name!r} is taken.", hint="Names differ by more than upper and lower case.")


def take_name(session: Session, name: str, *, what: str) -> None:
    """As `check_free`; whoever had the name before is no longer found by it."""
    check_free(session, name, what=what)
    if former := session.get(FormerName, name.lower()):
        session.delete(former)


def rename(session: Session, actor: Actor, namespace: Namespace, *, name: str) -> None:
    """Links to the old name lead on to the new one. The apps' hosts stay as they are, and no app restarts."""
    before, kind = namespace.name, namespace.kind.value
    if name == before:
        return
    if name.lower() == before.lower():
        check_owner_name(name, what=kind)
    else:
        take_name(session, name, what=kind)
        session.merge(FormerName(name=before.lower(), namespace_id=namespace.id))
    audit.record(session, actor, f"{kind}.rename", namespace, before=before, after=name)
    namespace.name = name
    announce(session, hints.WORLD, *map(hints.space, _spaces_of(session, namespace)))


def set_full_name(session: Session, actor: Actor, namespace: Namespace, *, full_name: str) -> None:
    """As it wants to be called."""
    after = tidy(full_name, FULL_NAME_MAX)
    if after != namespace.full_name:
        audit.record(session, actor, f"{namespace.kind}.full_name", namespace, before=namespace.full_name, after=after)
        namespace.full_name = after


def _spaces_of(session: Session, namespace: Namespace) -> list[str]:
    return list(session.scalars(select(Space.id).where(Space.owner_id == namespace.id)))
