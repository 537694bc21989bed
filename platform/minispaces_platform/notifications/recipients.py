"""Who wants to hear of what happens at a Space: its owners and those who watch it, less those who asked for quiet."""

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from minispaces_platform.models.discussions import Comment, Watch
from minispaces_platform.models.namespaces import Membership
from minispaces_platform.models.roles import Role
from minispaces_platform.models.spaces import Collaborator, Space


def owners_of(session: Session, space: Space) -> set[str]:
    """The ids of its owner, or of the owning organisation's admins, and of collaborators who are admins."""
    members = select(Membership.user_id).where(
        Membership.organization_id == space.owner_id, Membership.role == Role.ADMIN
    )
    helpers = select(Collaborator.user_id).where(Collaborator.space_id == space.id, Collaborator.role == Role.ADMIN)
    return {space.owner_id, *session.scalars(union(members, helpers))}


def followers_of(session: Session, space: Space) -> set[str]:
    """Owners follow without being asked; a choice of theirs counts more."""
    rows = session.execute(select(Watch.user_id, Watch.wants).where(Watch.space_id == space.id))
    choices = {user_id: wants for user_id, wants in rows}  # noqa: C416 - a row is no pair to mypy
    wanting = {user_id for user_id, wants in choices.items() if wants}
    return (owners_of(session, space) | wanting) - (choices.keys() - wanting)


def participants_of(session: Session, space_id: str, discussion_id: str) -> set[str]:
    """Those who wrote in it and did not ask for quiet."""
    quiet = select(Watch.user_id).where(Watch.space_id == space_id, Watch.wants.is_(False))
    wrote = select(Comment.author_id).where(
        Comment.discussion_id == discussion_id, Comment.author_id.is_not(None), Comment.author_id.not_in(quiet)
    )
    return {author for author in session.scalars(wrote.distinct()) if author}


def is_following(session: Session, space: Space, user_id: str) -> bool:
    choice = session.get(Watch, (user_id, space.id))
    return choice.wants if choice else user_id in owners_of(session, space)


def follow(session: Session, space_id: str, user_id: str, *, wants: bool) -> None:
    session.merge(Watch(user_id=user_id, space_id=space_id, wants=wants))
