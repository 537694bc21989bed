"""What the pages of files show. Pure."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from minispaces_platform.access import Action, Actor, may
from minispaces_platform.files.address import Place, Refs, address, crumbs
from minispaces_platform.files.blame import Blamed
from minispaces_platform.files.diffs import Diff
from minispaces_platform.files.kinds import Kind, Pointer
from minispaces_platform.files.notebooks import Notebook
from minispaces_platform.files.queries import Commit, Entry
from minispaces_platform.models.spaces import Space
from minispaces_platform.spaces.views import SpaceView

MENU_MAX = 50
"""Branches and tags offered; others are reached by their address."""


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    href: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class CommitView:
    id: str
    href: str
    title: str
    body: str
    author: str
    at: datetime
    parents: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """The bar above every page of files. `may_change` is whether changes can be committed right here."""

    base: str
    revision: str
    commit: str
    path: str
    crumbs: tuple[Link, ...]
    branches: tuple[Link, ...]
    tags: tuple[Link, ...]
    may_change: bool
    permalink: str

    @property
    def short(self) -> str:
        return self.commit[:7] if self.revision == self.commit else self.revision

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def to(self, verb: str, path: str | None = None) -> str:
        """The address of what `verb` shows of this place, or of another path in the same revision."""
        return address(self.base, verb, self.revision, self.path if path is None else path)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    href: str
    icon: str
    size: int | None
    commit: CommitView | None


@dataclass(frozen=True, slots=True)
class TreeView:
    space: SpaceView
    where: Where
    parent: str
    """The address of the folder above, if there is one."""
    rows: tuple[Row, ...]
    left_out: int
    latest: CommitView | None
    readme: Markup
    readme_name: str


@dataclass(frozen=True, slots=True)
class EmptyView:
    """A repository without a commit."""

    space: SpaceView
    branch: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows of a file: one of these, or nothing for what is only downloaded."""

    lines: tuple[Markup, ...] = ()
    left_out: int = 0
    """How many lines more there are."""
    prose: Markup | None = None
    notebook: Notebook | None = None
    pointer: Pointer | None = None
    picture: str = ""
    link: str = ""
    """Where a symbolic link leads."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BlobView:
    space: SpaceView
    where: Where
    kind: Kind
    size: int
    latest: CommitView | None
    content: Content
    is_plain: bool
    has_both: bool
    """It can be shown rendered and as its source."""
    may_edit: bool


@dataclass(frozen=True, slots=True)
class BlameRow:
    commit: CommitView
    lines: tuple[tuple[int, Markup], ...]


@dataclass(frozen=True, slots=True)
class BlameView:
    space: SpaceView
    where: Where
    rows: tuple[BlameRow, ...]


@dataclass(frozen=True, slots=True)
class CommitsView:
    space: SpaceView
    where: Where
    commits: tuple[CommitView, ...]
    page: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class ChangesView:
    """One commit."""

    space: SpaceView
    commit: CommitView
    diff: Diff
    tree: str


@dataclass(frozen=True, slots=True)
class CompareView:
    space: SpaceView
    old: str
    new: str
    names: tuple[str, ...]
    diff: Diff | None
    problem: str = ""


def where_of(space: Space, actor: Actor, place: Place, refs: Refs, *, verb: str) -> Where:
    base = f"/spaces/{space.full_name}"
    stays = verb if verb in {"tree", "blob", "commits", "blame"} else "tree"
    trail = (Link(space.name, address(base, "tree", place.revision)),)
    return Where(
        base=base,
        revision=place.revision,
        commit=place.commit,
        path=place.path,
        crumbs=trail
        + tuple(Link(name, address(base, "tree", place.revision, path)) for name, path in crumbs(place.path)),
        branches=_menu(base, refs.branches, place, stays),
        tags=_menu(base, refs.tags, place, stays),
        may_change=bool(place.branch) and may(actor, Action.WRITE, space) and space.taken_down_at is None,
        permalink=address(base, stays, place.commit, place.path),
    )


def _menu(base: str, names: dict[str, str], place: Place, verb: str) -> tuple[Link, ...]:
    return tuple(
        Link(name, address(base, verb, name, place.path), is_here=name == place.revision)
        for name in list(names)[:MENU_MAX]
    )


def commit_view(base: str, commit: Commit) -> CommitView:
    return CommitView(
        id=commit.id,
        href=f"{base}/commit/{commit.id}",
        title=commit.title,
        body=commit.body,
        author=commit.author,
        at=commit.at,
        parents=tuple(Link(parent[:7], f"{base}/commit/{parent}") for parent in commit.parents),
    )


def rows_of(where: Where, entries: list[Entry], commits: dict[str, Commit]) -> tuple[Row, ...]:
    return tuple(_row(where, entry, commits.get(entry.name)) for entry in entries)


def _row(where: Where, entry: Entry, commit: Commit | None) -> Row:
    path = f"{where.path}/{entry.name}" if where.path else entry.name
    return Row(
        name=entry.name,
        href=where.to("tree" if entry.is_folder else "blob", path),
        icon="folder" if entry.is_folder else "link" if entry.is_link else "file",
        size=None if entry.is_folder else entry.size,
        commit=commit_view(where.base, commit) if commit else None,
    )


def blame_rows(base: str, groups: list[Blamed], lines: tuple[Markup, ...]) -> tuple[BlameRow, ...]:
    numbered = list(enumerate(lines, 1))
    return tuple(
        BlameRow(commit_view(base, group.commit), tuple(numbered[group.first - 1 : group.first - 1 + group.lines]))
        for group in groups
    )
