"""What may be done in discussions, and who is told of it."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.actors import user_of
from minispaces_platform.audit import service as audit
from minispaces_platform.database import now
from minispaces_platform.discussions.markdown import mentions_in
from minispaces_platform.discussions.queries import find_people
from minispaces_platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from minispaces_platform.models.accounts import User
from minispaces_platform.models.discussions import Comment, CommentKind, Discussion, NotificationKind
from minispaces_platform.models.spaces import Space
from minispaces_platform.notifications.recipients import followers_of, participants_of
from minispaces_platform.notifications.service import News, tell
from minispaces_platform.wording import tidy, typed

TITLE_MAX = 200
TEXT_MAX = 10_000


def start_discussion(session: Session, actor: Actor, space: Space, *, title: str, text: str) -> Discussion:
    """The next number in its Space. Whoever follows the Space is told, and whoever is mentioned."""
    title, text = check_title(title), check_text(text)
    me = user_of(actor)
    session.execute(select(Space.id).where(Space.id == space.id).with_for_update())  # two at once get two numbers
    last = session.scalar(select(func.max(Discussion.number)).where(Discussion.space_id == space.id)) or 0
    made = Discussion(space_id=space.id, number=last + 1, title=title, author_id=me.id)
    session.add(made)
    session.flush()
    session.add(Comment(discussion_id=made.id, author_id=me.id, text=text))
    audit.record(session, actor, "discussion.start", space, number=made.number)
    _tell(session, me, space, made, text=text, kind=NotificationKind.DISCUSSION)
    return made


def add_comment(session: Session, actor: Actor, space: Space, discussion: Discussion, *, text: str) -> Comment:
    text, me = check_text(text), user_of(actor)
    made = Comment(discussion_id=discussion.id, author_id=me.id, text=text)
    session.add(made)
    session.flush()
    _count(session, discussion, by=1)
    discussion.updated_at = now()
    audit.record(session, actor, "discussion.comment", space, number=discussion.number)
    _tell(session, me, space, discussion, text=text, kind=NotificationKind.REPLY)
    return made


def edit_comment(session: Session, actor: Actor, space: Space, comment: Comment, *, text: str) -> None:
    """One's own only. Nobody is told again."""
    _refuse_unless_own(actor, comment)
    text = check_text(text)
    if text != comment.text:
        comment.text, comment.edited_at = text, now()
        audit.record(session, actor, "discussion.edit", space, comment=comment.id)


def delete_comment(session: Session, actor: Actor, space: Space, discussion: Discussion, comment: Comment) -> None:
    _refuse_unless_own(actor, comment)
    if comment.id == first_comment_id(session, discussion):
        raise ConflictError("The first comment opens the discussion.", hint="Edit it, or close the discussion.")
    if comment.hidden_at is None:
        _count(session, discussion, by=-1)
    session.delete(comment)
    audit.record(session, actor, "discussion.delete_comment", space, comment=comment.id)


def set_hidden(
    session: Session, actor: Actor, space: Space, discussion: Discussion, comment: Comment, *, hidden: bool
) -> None:  # fmt: skip
    if (comment.hidden_at is not None) is hidden or comment.kind is not CommentKind.COMMENT:
        return
    comment.hidden_at = now() if hidden else None
    if comment.id != first_comment_id(session, discussion):
        _count(session, discussion, by=-1 if hidden else 1)
    action = "discussion.hide" if hidden else "discussion.show"
    audit.record(session, actor, action, space, number=discussion.number, comment=comment.id)


def set_closed(session: Session, actor: Actor, space: Space, discussion: Discussion, *, closed: bool) -> None:
    """By whoever began it, and by those who may write."""
    if (discussion.closed_at is not None) is closed:
        return
    if not may_close(actor, space, discussion):
        raise ForbiddenError("You may not do that.", hint="Whoever began a discussion closes it, or an owner does.")
    discussion.closed_at, discussion.updated_at = now() if closed else None, now()
    kind = CommentKind.CLOSED if closed else CommentKind.REOPENED
    me = user_of(actor)
    session.add(Comment(discussion_id=discussion.id, author_id=me.id, kind=kind))
    audit.record(session, actor, f"discussion.{'close' if closed else 'reopen'}", space, number=discussion.number)
    news = News(NotificationKind.STATE, space, me, f"{kind.value} {discussion.title}", discussion)
    tell(session, news, participants_of(session, space.id, discussion.id))


def set_pinned(session: Session, actor: Actor, space: Space, discussion: Discussion, *, pinned: bool) -> None:
    if (discussion.pinned_at is not None) is not pinned:
        discussion.pinned_at = now() if pinned else None
        action = "discussion.pin" if pinned else "discussion.unpin"
        audit.record(session, actor, action, space, number=discussion.number)


def change_title(session: Session, actor: Actor, space: Space, discussion: Discussion, *, title: str) -> None:
    if not may_close(actor, space, discussion):
        raise ForbiddenError("You may not do that.", hint="Whoever began a discussion names it, or an owner does.")
    title = check_title(title)
    if title != discussion.title:
        text = f"{discussion.title}\n{title}"
        author = user_of(actor).id
        session.add(Comment(discussion_id=discussion.id, author_id=author, kind=CommentKind.RENAMED, text=text))
        discussion.title = title
        audit.record(session, actor, "discussion.title", space, number=discussion.number)


def may_close(actor: Actor, space: Space, discussion: Discussion) -> bool:
    return may(actor, Action.WRITE, space) or (actor.user is not None and actor.user.id == discussion.author_id)


def get_discussion(session: Session, space: Space, number: int) -> Discussion:
    """Its author is loaded."""
    found = session.scalar(
        select(Discussion)
        .options(joinedload(Discussion.author))
        .where(Discussion.space_id == space.id, Discussion.number == number)
    )
    if found is None:
        raise NotFoundError(f"{space.full_name} has no discussion {number}.")
    return found


def get_comment(session: Session, discussion: Discussion, comment_id: str) -> Comment:
    found = session.get(Comment, comment_id)
    if found is None or found.discussion_id != discussion.id:
        raise NotFoundError("There is no such comment.", hint="It may have been deleted.")
    return found


def first_comment_id(session: Session, discussion: Discussion) -> str | None:
    return session.scalar(select(func.min(Comment.id)).where(Comment.discussion_id == discussion.id))


def check_title(title: str) -> str:
    if found := tidy(title, TITLE_MAX):
        return found
    raise InvalidError("A title is needed.", hint="A few words that say what it is about.")


def check_text(text: str) -> str:
    if found := typed(text, TEXT_MAX):
        return found
    raise InvalidError("There is nothing in it yet.", hint="Write something first.")


def _tell(
    session: Session, me: User, space: Space, discussion: Discussion, *, text: str, kind: NotificationKind
) -> None:  # fmt: skip
    """Whoever is named hears that, and not the same once more."""
    named = {user.id for user in find_people(session, mentions_in(text))}
    tell(session, News(NotificationKind.MENTION, space, me, discussion.title, discussion), named)
    others = followers_of(session, space)
    if kind is NotificationKind.REPLY:
        others |= participants_of(session, space.id, discussion.id)
    tell(session, News(kind, space, me, discussion.title, discussion), others - named)


def _count(session: Session, discussion: Discussion, *, by: int) -> None:
    session.execute(update(Discussion).where(Discussion.id == discussion.id).values(comments=Discussion.comments + by))


def _refuse_unless_own(actor: Actor, comment: Comment) -> None:
    if comment.kind is not CommentKind.COMMENT or comment.author_id != user_of(actor).id:
        raise ForbiddenError("This comment is not yours.", hint="You can answer it; owners can hide it.")
