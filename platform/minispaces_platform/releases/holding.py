"""Whether a version goes live when it is built, and why it does not."""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.models.builds import Build, Purpose
from minispaces_platform.models.deployments import Cause, Deployment


class Held(StrEnum):
    """BRANCH: only the default branch is deployed. HOLD: the Space's versions wait for somebody to promote them.

    ROLLBACK: somebody went back after this one was pushed. OVERTAKEN: a newer version was faster.
    """

    BRANCH = "branch"
    HOLD = "hold"
    ROLLBACK = "rollback"
    OVERTAKEN = "overtaken"


def why_not_live(session: Session, build: Build) -> Held | None:
    """None where nothing keeps it. Ids are made in the order of time. The build's Space is loaded."""
    if build.purpose is Purpose.PREVIEW:
        return Held.BRANCH
    newer = select(Deployment.id).where(Deployment.space_id == build.space_id)
    if session.scalar(newer.where(Deployment.version > build.version).limit(1)):
        return Held.OVERTAKEN
    if build.purpose is Purpose.ASKED:
        return None
    if session.scalar(newer.where(Deployment.cause == Cause.ROLLBACK, Deployment.id > build.id).limit(1)):
        return Held.ROLLBACK
    return Held.HOLD if build.space.holds else None
