"""What stands below an app: its README, facts about it, who visits and likes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.access import Actor
from minispaces_platform.gallery.likes import LikeView, like_of
from minispaces_platform.models.accounts import User
from minispaces_platform.models.likes import Like
from minispaces_platform.parts import Parts
from minispaces_platform.repos.reading import GitError, Repository, SlowError, ask
from minispaces_platform.repos.readme import MAX_BYTES, Bases, readme_html
from minispaces_platform.spaces.queries import SpaceNow
from minispaces_platform.visits.queries import visits_by_day
from minispaces_platform.visits.views import VisitsView, visits_view

_LIKERS = 12
_READMES_KEPT = 256


@dataclass(frozen=True, slots=True)
class AboutView:
    readme: Markup
    facts: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    visits: VisitsView
    all_visits: int
    like: LikeView
    likers: tuple[str, ...]


def about(parts: Parts, now: SpaceNow, actor: Actor) -> AboutView:
    """Two statements, three for those who are signed in, and a README that is rendered once for each commit."""
    with parts.database.reading() as session:
        visits = visits_view(visits_by_day(session, now.space.id))
        likers, like = _newest_likers(session, now.space.id), like_of(session, actor, now.space)
    return AboutView(
        readme=readme_of(parts, now),
        facts=facts_of(now),
        tags=now.space.card.tags,
        visits=visits,
        all_visits=now.space.visits,
        like=like,
        likers=tuple(likers),
    )


def facts_of(now: SpaceNow) -> tuple[tuple[str, str], ...]:
    """Label and value; what is not known is left out."""
    card, config = now.space.card, now.build.revision.config if now.build else None
    version = config.sdk_version if config else None
    hardware = now.space.hardware
    found = {
        "SDK": f"{card.sdk.value.title()} {version or ''}".strip() if card.sdk else "",
        "Python": (config.python_version if config else None) or "",
        "Hardware": f"{hardware.name} · {hardware.cpus:g} CPU · {hardware.memory_mb // 1024} GB",
        "License": card.license or "",
    }
    return tuple((label, value) for label, value in found.items() if value)


def _newest_likers(session: Session, space_id: str) -> Sequence[str]:
    liked = select(User.name).join(Like, Like.user_id == User.id).where(Like.space_id == space_id)
    return session.scalars(liked.order_by(Like.created_at.desc()).limit(_LIKERS)).all()


def readme_of(parts: Parts, now: SpaceNow) -> Markup:
    """Of the newest version, empty where there is none. It may take a while: call it in a thread."""
    if now.build is None:
        return Markup()
    path = f"/spaces/{now.space.full_name}"
    return _rendered(Repository(parts.store, now.space.id), now.build.revision.commit, path, now.space.default_branch)


@lru_cache(_READMES_KEPT)
def _rendered(repository: Repository, commit: str, path: str, branch: str) -> Markup:
    try:
        source = ask(repository, "cat-file", "blob", f"{commit}:README.md", most=MAX_BYTES + 1).data
    except (GitError, SlowError):
        return Markup()
    return readme_html(source, bases=Bases(f"{path}/blob/{branch}/", f"{path}/resolve/{branch}/"))
