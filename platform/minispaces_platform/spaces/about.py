"""What a Space's page shows: what is the matter with it, its README, facts about it, who visits and likes it."""

from dataclasses import dataclass, replace

from markupsafe import Markup
from sqlalchemy import bindparam, select

from minispaces_platform.access import Actor
from minispaces_platform.gallery.likes import LikeView, like_of
from minispaces_platform.hardware.views import current_words, sentence_of
from minispaces_platform.models.accounts import User
from minispaces_platform.models.likes import Like
from minispaces_platform.models.spaces import Space
from minispaces_platform.pages import fragment
from minispaces_platform.parts import Parts
from minispaces_platform.repos.drawn import drawn_readme
from minispaces_platform.repos.reading import Repository
from minispaces_platform.repos.readme import Bases
from minispaces_platform.spaces.queries import SpaceNow, look_at
from minispaces_platform.visits.queries import visits_by_day
from minispaces_platform.visits.views import visits_view

_LIKERS = 12

# Made once: putting it together takes longer than answering it.
_NEWEST_LIKERS = (
    select(User.name)
    .join(Like, Like.user_id == User.id)
    .where(Like.space_id == bindparam("space"))
    .order_by(Like.created_at.desc())
    .limit(_LIKERS)
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What all see who may read the Space."""

    now: SpaceNow
    readme: Markup
    visits: Markup
    likers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AboutView:
    readme: Markup
    facts: tuple[tuple[str, str], ...]
    tags: tuple[str, ...]
    visits: Markup
    like: LikeView
    likers: tuple[str, ...]


def look(parts: Parts, space: Space) -> Shown:
    """Kept, as what the gallery shows. It may take a while: call it in a thread."""
    shown = parts.kept.read(("space", space.id), lambda: _look(parts, space))
    return replace(shown, now=replace(shown.now, space=space))


def _look(parts: Parts, space: Space) -> Shown:
    """Four statements, and a README that is drawn once for each commit."""
    with parts.database.reading() as session:
        (now,) = look_at(session, [space])
        visits = visits_view(visits_by_day(session, space.id), ever=space.visits)
        likers = tuple(session.scalars(_NEWEST_LIKERS, {"space": space.id}))
    return Shown(now, readme_of(parts, now), fragment("spaces/_visits.html", visits), likers)


def about(parts: Parts, shown: Shown, actor: Actor) -> AboutView:
    """One statement for those who are signed in, none for strangers."""
    space = shown.now.space
    with parts.database.reading() as session:
        like = like_of(session, actor, space)
    return AboutView(shown.readme, facts_of(shown.now), space.card.tags, shown.visits, like, shown.likers)


def facts_of(now: SpaceNow) -> tuple[tuple[str, str], ...]:
    """Label and value; what is not known is left out."""
    card, config = now.space.card, now.build.revision.config if now.build else None
    version = config.sdk_version if config else None
    hardware = now.space.hardware
    found = {
        "SDK": f"{card.sdk.value.title()} {version or ''}".strip() if card.sdk else "",
        "Python": (config.python_version if config else None) or "",
        "Hardware": f"{hardware.name} · {sentence_of(hardware)}",
        "Runs on": current_words(hardware, now.serving.hardware if now.serving else None),
        "License": card.license or "",
    }
    return tuple((label, value) for label, value in found.items() if value)


def readme_of(parts: Parts, now: SpaceNow) -> Markup:
    """Of the newest version, empty where there is none."""
    if now.build is None:
        return Markup()
    path, branch = f"/spaces/{now.space.full_name}", now.space.default_branch
    bases = Bases(f"{path}/blob/{branch}/", f"{path}/resolve/{branch}/")
    return drawn_readme(Repository(parts.store, now.space.id), now.build.revision.commit, bases=bases)
