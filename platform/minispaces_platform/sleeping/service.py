"""Choosing when an app sleeps and when it is kept warm; putting it to sleep and waking it. None of it restarts it."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from minispaces_contract.states import Stage
from minispaces_platform.access import Actor
from minispaces_platform.audit import service as audit
from minispaces_platform.changes import announce
from minispaces_platform.database import new_id, now
from minispaces_platform.deployments.service import is_wanted
from minispaces_platform.errors import ConflictError, InvalidError, NotFoundError
from minispaces_platform.models.sleeping import SleepSetting, WarmTime, WarmTimes
from minispaces_platform.models.spaces import Space
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.sleeping.rules import check_sleep_seconds
from minispaces_platform.sleeping.warm import next_window, zones
from minispaces_platform.spaces.queries import look_at
from minispaces_platform.spaces.service import hint_channels
from minispaces_platform.spaces.words import TAKEN_DOWN, WORDS

MOST_WARM_TIMES = 20
_WAKING = timedelta(seconds=10)
"""So long the runner may take to hear of it; then it is told again."""


@dataclass(frozen=True, slots=True)
class NewWarmTime:
    """Weekly without `day`."""

    weekdays: tuple[int, ...]
    day: date | None
    start: time
    end: time
    zone: str


def set_sleep_time(
    session: Session, actor: Actor, space: Space, *, seconds: int | None, settings: PlatformSettings
) -> None:
    """None is the installation's own time again. Raises InvalidError for what is out of its bounds."""
    setting = _setting(session, space)
    setting.seconds = None if seconds is None else check_sleep_seconds(seconds, settings)
    audit.record(session, actor, "space.sleep_time", space, seconds=setting.seconds)
    announce(session, *hint_channels(space.id))


def add_warm_time(session: Session, actor: Actor, space: Space, new: NewWarmTime) -> None:
    """Those that are over go. Raises InvalidError."""
    made = WarmTime(id=new_id(), weekdays=new.weekdays, day=new.day, start=new.start, end=new.end, zone=new.zone)
    _check(made)
    setting = _setting(session, space)
    kept = tuple(each for each in setting.warm.times if next_window(each, now()))
    if len(kept) >= MOST_WARM_TIMES:
        raise InvalidError(f"A Space may have {MOST_WARM_TIMES} such times.", hint="Remove one that is not needed.")
    setting.warm = WarmTimes(times=(*kept, made))
    audit.record(session, actor, "space.warm_time_add", space, **made.model_dump(mode="json", exclude={"id"}))
    announce(session, *hint_channels(space.id))


def remove_warm_time(session: Session, actor: Actor, space: Space, *, time_id: str) -> None:
    """Raises NotFoundError."""
    setting = _setting(session, space)
    left = tuple(each for each in setting.warm.times if each.id != time_id)
    if len(left) == len(setting.warm.times):
        raise NotFoundError("There is no such time.", hint="Somebody may have removed it already.")
    setting.warm = WarmTimes(times=left)
    audit.record(session, actor, "space.warm_time_remove", space)
    announce(session, *hint_channels(space.id))


def sleep_now(session: Session, actor: Actor, space: Space) -> None:
    """Whoever uses it now is cut off; the next visitor wakes it. Raises ConflictError where no visitor would."""
    (seen,) = look_at(session, [space])
    if seen.opens is None or space.taken_down_at:
        raise _refusal(space, "put to sleep", seen.stage)
    _setting(session, space).asleep_since = now()
    audit.record(session, actor, "space.sleep", space)
    announce(session, *hint_channels(space.id))


def wake_now(session: Session, actor: Actor, space: Space) -> None:
    """As a visit does; asking again meanwhile is harmless. Raises ConflictError for an app that no visit wakes."""
    (seen,) = look_at(session, [space])
    if not is_wanted(session, space.id) or space.taken_down_at:
        raise _refusal(space, "woken", seen.stage)
    setting, moment = _setting(session, space), now()
    if seen.stage is Stage.SLEEPING and not (setting.awake_since and moment - setting.awake_since < _WAKING):
        setting.awake_since = moment
        audit.record(session, actor, "space.wake", space)
        announce(session, *hint_channels(space.id))


def _refusal(space: Space, what: str, stage: Stage) -> ConflictError:
    words = TAKEN_DOWN if space.taken_down_at else WORDS[stage]
    hint = "" if space.taken_down_at else f"Start it: minispaces restart {space.full_name}"
    return ConflictError(f"{space.full_name} cannot be {what}. {words.sentence}", hint=hint)


def _setting(session: Session, space: Space) -> SleepSetting:
    """Locked, since times are added to a list."""
    known = session.get(SleepSetting, space.id, with_for_update=True)
    if known is None:
        known = SleepSetting(space_id=space.id, seconds=None, warm=WarmTimes())
        session.add(known)
    return known


def _check(made: WarmTime) -> None:
    """Raises InvalidError."""
    if made.zone not in zones():
        raise InvalidError(f"There is no time zone {made.zone[:60]!r}.", hint="Such as Europe/Berlin, or UTC.")
    if made.start == made.end:
        raise InvalidError("It would end when it begins.", hint="For a whole day, take 00:00 to 23:59.")
    if bool(made.weekdays) is (made.day is not None) or not set(made.weekdays) <= set(range(7)):
        raise InvalidError("Choose weekdays, or one date.", hint="Nothing was changed.")
    if next_window(made, now()) is None:
        raise InvalidError("That is over already.", hint="Choose a date that is to come.")
