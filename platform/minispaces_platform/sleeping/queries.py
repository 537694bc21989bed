"""What was chosen about sleep."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.database import among
from minispaces_platform.models.sleeping import SleepSetting


def find_setting(session: Session, space_id: str) -> SleepSetting | None:
    return session.get(SleepSetting, space_id)


def settings_by_space(session: Session, only: Collection[str] = ()) -> Mapping[str, SleepSetting]:
    """One statement. Most Spaces have none."""
    some = select(SleepSetting).where(*among(SleepSetting.space_id, only))
    return {each.space_id: each for each in session.scalars(some)}
