"""What the pages of discussions show. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from minispaces_platform.discussions.markdown import comment_html
from minispaces_platform.discussions.queries import COMMENTS_PAGE, PAGE_SIZE
from minispaces_platform.forms import FormProblem
from minispaces_platform.models.accounts import User
from minispaces_platform.models.discussions import Comment, CommentKind, Discussion
from minispaces_platform.spaces.views import SpaceView

GONE = "somebody who left"


@dataclass(frozen=True, slots=True)
class DiscussionRow:
    number: int
    title: str
    author: str
    is_known: bool
    comments: int
    is_open: bool
    is_pinned: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DiscussionsView:
    space: SpaceView
    rows: tuple[DiscussionRow, ...]
    closed: bool
    opened_count: int
    closed_count: int
    page: int
    has_more: bool
    may_discuss: bool


@dataclass(frozen=True, slots=True)
class CommentView:
    """`html` is empty for what is not shown, and `source` for what its reader may not edit."""

    id: str
    kind: str
    author: str
    is_known: bool
    html: Markup
    source: str
    at: datetime
    is_edited: bool
    is_hidden: bool
    is_first: bool
    is_own: bool
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DiscussionView:
    space: SpaceView
    row: DiscussionRow
    comments: tuple[CommentView, ...]
    page: int
    has_more: bool
    may_discuss: bool
    may_close: bool
    may_moderate: bool
    is_following: bool
    editing: str
    """The id of the comment whose form is open."""
    draft: str
    problem: FormProblem


@dataclass(frozen=True, slots=True)
class NewDiscussionView:
    space: SpaceView
    title: str
    text: str
    problem: FormProblem


def row_of(discussion: Discussion) -> DiscussionRow:
    return DiscussionRow(
        discussion.number, discussion.title, _name(discussion.author), discussion.author is not None,
        max(0, discussion.comments), discussion.closed_at is None, discussion.pinned_at is not None,
        discussion.created_at, discussion.updated_at,
    )  # fmt: skip


def rows_of(discussions: Sequence[Discussion]) -> tuple[DiscussionRow, ...]:
    return tuple(map(row_of, discussions[:PAGE_SIZE]))


def comments_of(
    comments: Sequence[Comment], people: Collection[str], *, reader: User | None, moderates: bool, page: int
) -> tuple[CommentView, ...]:
    """Takes milliseconds for long comments: call it in a thread."""
    return tuple(
        _comment(comment, people, reader=reader, moderates=moderates, first=page == 1 and index == 0)
        for index, comment in enumerate(comments[:COMMENTS_PAGE])
    )


def _comment(
    comment: Comment, people: Collection[str], *, reader: User | None, moderates: bool, first: bool
) -> CommentView:
    own = reader is not None and comment.author_id == reader.id and comment.kind is CommentKind.COMMENT
    hidden = comment.hidden_at is not None
    shown = comment.kind is CommentKind.COMMENT and (not hidden or own or moderates)
    before, _, after = comment.text.partition("\n") if comment.kind is CommentKind.RENAMED else ("", "", "")
    return CommentView(
        id=comment.id,
        kind=comment.kind.value,
        author=_name(comment.author),
        is_known=comment.author is not None,
        html=comment_html(comment.text, people) if shown else Markup(),
        source=comment.text if own else "",
        at=comment.created_at,
        is_edited=comment.edited_at is not None,
        is_hidden=hidden,
        is_first=first,
        is_own=own,
        before=before,
        after=after,
    )


def _name(author: User | None) -> str:
    return author.name if author else GONE
