"""The forms of the section Sleep, and the buttons that put an app to sleep and wake it."""

from collections.abc import Callable
from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from minispaces_platform.access import Actor
from minispaces_platform.actors import CurrentActor
from minispaces_platform.changes import changing
from minispaces_platform.forms import Text
from minispaces_platform.guard import Managed, Writable
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.sleeping.service import (
    NewWarmTime,
    add_warm_time,
    remove_warm_time,
    set_sleep_time,
    sleep_now,
    wake_now,
)
from minispaces_platform.sleeping.views import DEFAULT
from minispaces_platform.spaces.service import get_space_by_id
from minispaces_platform.spaces.settings_pages import PATH, submit_settings

router = APIRouter(include_in_schema=False)

Clock = Annotated[time, AfterValidator(lambda it: it.replace(second=0, microsecond=0, tzinfo=None))]
Weekday = Annotated[int, Field(ge=0, le=6)]
Seconds = Annotated[int, Field(ge=-1, lt=2**31)]


class WarmForm(BaseModel):
    weekdays: list[Weekday] = Field(default=[], max_length=7)
    day: Annotated[date | None, BeforeValidator(lambda it: it or None)] = None
    start: Clock
    end: Clock
    zone: str = Field(max_length=100)


class SleepForm(BaseModel):
    seconds: Annotated[Seconds | None, BeforeValidator(lambda it: None if it == DEFAULT else it)] = None


@router.post(f"{PATH}/sleep")
def choose_sleep_time(
    space: Managed, parts: PartsDep, actor: CurrentActor, chosen: Annotated[SleepForm, Form()]
) -> Response:
    def change(session: Session, fresh: Space) -> None:
        set_sleep_time(session, actor, fresh, seconds=chosen.seconds, settings=parts.settings)

    return submit_settings(parts, actor, space, form="sleep", change=change)


@router.post(f"{PATH}/warm")
def keep_warm(space: Managed, parts: PartsDep, actor: CurrentActor, form: Annotated[WarmForm, Form()]) -> Response:
    weekdays = tuple(sorted(set(form.weekdays)))
    wanted = NewWarmTime(weekdays=weekdays, day=form.day, start=form.start, end=form.end, zone=form.zone.strip())

    def change(session: Session, fresh: Space) -> None:
        add_warm_time(session, actor, fresh, wanted)

    return submit_settings(parts, actor, space, form="warm", change=change)


@router.post(f"{PATH}/warm/remove")
def keep_warm_no_more(space: Managed, parts: PartsDep, actor: CurrentActor, time_id: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        remove_warm_time(session, actor, fresh, time_id=time_id)

    return submit_settings(parts, actor, space, form="warm", change=change)


@router.post("/spaces/{owner}/{name}/sleep")
def sleep(space: Writable, parts: PartsDep, actor: CurrentActor) -> Response:
    return _do(parts, actor, space, sleep_now, done="asleep")


@router.post("/spaces/{owner}/{name}/wake")
def wake(space: Writable, parts: PartsDep, actor: CurrentActor) -> Response:
    return _do(parts, actor, space, wake_now, done="awake")


def _do(
    parts: Parts, actor: Actor, space: Space, change: Callable[[Session, Actor, Space], None], *, done: str
) -> Response:
    with changing(parts.database, parts.redis_sync) as session:
        change(session, actor, get_space_by_id(session, space))
    return RedirectResponse(f"/spaces/{space.full_name}/settings?done={done}", 303)
