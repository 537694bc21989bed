"""Getting a picture of each version that went live: the one that its README names, else one that the builder takes."""

from datetime import timedelta
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from minispaces_contract import hints
from minispaces_contract.messages import PictureOrder
from minispaces_contract.states import InstanceStatus
from minispaces_platform.database import after_commit, now
from minispaces_platform.deployments.world import host_of
from minispaces_platform.edge.own_pass import own_pass
from minispaces_platform.errors import InvalidError, NotFoundError
from minispaces_platform.models.deployments import Deployment, Preview, Release
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts
from minispaces_platform.repos.reading import GitError, Repository, SlowError, ask
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.thumbnails import store

R = TypeVar("R", bound=Release)
MOST_TRIES = 3
_QUEUE = "builds"  # the builder has one
_TRY_AGAIN_AFTER = timedelta(minutes=2)
_GIVE_UP_AFTER = timedelta(hours=1)
_PASS_SECONDS = 90


def want_picture(session: Session, parts: Parts, deployment_id: str) -> None:
    """Once the transaction is on disk. Whatever fails here, the janitor repeats."""
    after_commit(session, lambda: get_picture(parts, deployment_id))


def get_picture(parts: Parts, deployment_id: str) -> None:
    with parts.database.writing() as session:
        deployment = _find(session, deployment_id)
        if deployment is None or deployment.picture_tries >= MOST_TRIES:
            return
        deployment.picture_tries += 1
    own = _own_picture(parts, deployment)
    if own is None:
        send(parts, deployment_id)
        return
    with parts.database.writing() as session:
        keep(session, parts, deployment_id, own)


def send(parts: Parts, deployment_id: str) -> None:
    from kombu.exceptions import OperationalError

    try:
        parts.queue.send_task("builder.picture", kwargs={"deployment_id": deployment_id}, queue=_QUEUE, retry=False)
    except OperationalError:
        return


def _own_picture(parts: Parts, deployment: Deployment | Preview) -> bytes | None:
    """The file of the repository that the README names. Anything that is no small picture counts as not named."""
    path = deployment.space.card.thumbnail
    if not path:
        return None
    repository = Repository(parts.store, deployment.space_id)
    try:
        answer = ask(repository, "cat-file", "blob", f"{deployment.commit}:{path}", most=store.MAX_BYTES)
    except (GitError, SlowError):
        return None
    return answer.data if not answer.is_cut and store.media_type(answer.data) else None


def order_of(session: Session, settings: PlatformSettings, deployment_id: str) -> PictureOrder:
    """Raises NotFoundError when it no longer runs, or has its picture."""
    deployment = _find(session, deployment_id)
    if deployment is None or deployment.observed is not InstanceStatus.RUNNING or deployment.pictured_at:
        raise NotFoundError("No picture is wanted.")
    space = deployment.space
    if space.taken_down_at:
        raise NotFoundError("No picture is wanted.")
    host, path = _host_of(deployment, settings), space.card.base_path if space.card.base_path.startswith("/") else "/"
    cookie = own_pass(space, settings, host=host, seconds=_PASS_SECONDS)
    return PictureOrder(url=settings.url_of(host) + path, cookie=cookie)


def _host_of(deployment: Deployment | Preview, settings: PlatformSettings) -> str:
    if isinstance(deployment, Preview):
        return settings.app_host(deployment.label)
    return host_of(deployment.space, settings)


def keep(session: Session, parts: Parts, deployment_id: str, picture: bytes) -> None:
    """Raises InvalidError for what is no small picture."""
    if len(picture) > store.MAX_BYTES or store.media_type(picture) is None:
        raise InvalidError("This is no picture of less than a megabyte.")
    deployment = _find(session, deployment_id)
    if deployment is None:
        return
    store.write(store.path_of(parts.settings, deployment.space_id, deployment.version), picture)
    deployment.pictured_at = now()
    if isinstance(deployment, Preview):
        return  # a picture of its own, and none of what the Space shows
    newest = (Space.thumbnail.is_(None)) | (Space.thumbnail < deployment.version)
    session.execute(update(Space).where(Space.id == deployment.space_id, newest).values(thumbnail=deployment.version))
    after_commit(session, lambda: hints.give(parts.redis_sync, hints.space(deployment.space_id)))


def get_lost_pictures(parts: Parts) -> None:
    """Of what went live lately: an order, or its answer, may have been lost."""
    with parts.database.reading() as session:
        lost = _without_picture(session)
    for deployment_id in lost:
        get_picture(parts, deployment_id)


def _without_picture(session: Session) -> list[str]:
    since, until = now() - _GIVE_UP_AFTER, now() - _TRY_AGAIN_AFTER
    return list(
        session.scalars(
            select(Deployment.id).where(
                Deployment.observed == InstanceStatus.RUNNING, Deployment.pictured_at.is_(None),
                Deployment.picture_tries < MOST_TRIES, Deployment.live_at.between(since, until),
            )
        )
    )  # fmt: skip


def _find(session: Session, deployment_id: str) -> Deployment | Preview | None:
    return _find_in(session, Deployment, deployment_id) or _find_in(session, Preview, deployment_id)


def _find_in(session: Session, table: type[R], release_id: str) -> R | None:
    rows = select(table).where(table.id == release_id)
    return session.scalar(rows.options(joinedload(table.space).joinedload(Space.owner)))
