"""The runtime of a Space for programs, at the Hub's addresses; sleeping and waking by hand are ours."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from minispaces_contract.states import Stage
from minispaces_platform.access import Action, may
from minispaces_platform.actors import CurrentActor
from minispaces_platform.changes import changing
from minispaces_platform.database import now
from minispaces_platform.errors import ForbiddenError, InvalidError
from minispaces_platform.guard import Managed, Readable, Writable
from minispaces_platform.hardware.service import change_hardware, get_flavour
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.runtime import service, waiting
from minispaces_platform.runtime.views import detail_of, runtime_of
from minispaces_platform.sleeping.queries import find_setting
from minispaces_platform.sleeping.service import set_sleep_time, sleep_now, wake_now
from minispaces_platform.spaces.queries import look_at
from minispaces_platform.spaces.service import get_space_by_id

router = APIRouter(include_in_schema=False)

PATH = "/api/spaces/{owner}/{name}"
_HEADERS = {"Cache-Control": "private, no-store"}
Change = Callable[[Session, Space], None]


class SleepTime(BaseModel):
    """A negative number is never."""

    seconds: int = Field(ge=-(2**31), lt=2**31)


class HardwareChoice(BaseModel):
    flavor: str = Field(max_length=63)
    sleepTimeSeconds: int | None = Field(default=None, ge=-(2**31), lt=2**31)  # noqa: N815 - the Hub's word


@router.get(PATH)
def show_space(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    waiting.note_question(parts, actor, space)
    with parts.database.reading() as session:
        (seen,) = look_at(session, [space])
        runtime = runtime_of(seen, find_setting(session, space.id), parts.settings, at=now())
    return JSONResponse(detail_of(seen, runtime, parts.settings), headers=_HEADERS)


@router.get(f"{PATH}/runtime")
def show_runtime(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    body = _runtime(parts, space)
    if body["stage"] in waiting.NOT_UP and may(actor, Action.OPEN_APP, space) and waiting.waits(parts, actor, space):
        if body["stage"] == Stage.SLEEPING:
            _change(parts, space, lambda session, fresh: wake_now(session, actor, fresh))
        body["stage"] = Stage.BUILDING.value
    return JSONResponse(body, headers=_HEADERS)


@router.post(f"{PATH}/restart")
def restart(space: Writable, parts: PartsDep, actor: CurrentActor, *, factory: bool = False) -> Response:
    return _do(parts, space, lambda session, fresh: service.restart(session, parts, actor, fresh, factory=factory))


@router.post(f"{PATH}/pause")
def pause(space: Writable, parts: PartsDep, actor: CurrentActor) -> Response:
    return _do(parts, space, lambda session, fresh: service.pause(session, parts, actor, fresh))


@router.post(f"{PATH}/sleep")
def sleep(space: Writable, parts: PartsDep, actor: CurrentActor) -> Response:
    return _do(parts, space, lambda session, fresh: sleep_now(session, actor, fresh))


@router.post(f"{PATH}/wake")
def wake(space: Readable, parts: PartsDep, actor: CurrentActor) -> Response:
    """Whoever may open the app wakes it by that, too."""
    if not may(actor, Action.OPEN_APP, space):
        raise ForbiddenError("You may not open this app.", hint="Ask an owner of the Space.")
    return _do(parts, space, lambda session, fresh: wake_now(session, actor, fresh))


@router.post(f"{PATH}/sleeptime")
def choose_sleep_time(space: Managed, parts: PartsDep, actor: CurrentActor, chosen: SleepTime) -> Response:
    def change(session: Session, fresh: Space) -> None:
        set_sleep_time(session, actor, fresh, seconds=chosen.seconds, settings=parts.settings)

    return _do(parts, space, change)


@router.post(f"{PATH}/hardware")
def choose_hardware(space: Managed, parts: PartsDep, actor: CurrentActor, chosen: HardwareChoice) -> Response:
    def change(session: Session, fresh: Space) -> None:
        flavour = get_flavour(session, chosen.flavor, owner=fresh.owner)
        change_hardware(session, parts, actor, fresh, hardware=flavour)
        if chosen.sleepTimeSeconds is not None:
            set_sleep_time(session, actor, fresh, seconds=chosen.sleepTimeSeconds, settings=parts.settings)

    return _do(parts, space, change)


def _do(parts: Parts, space: Space, change: Change) -> Response:
    """The Hub's clients know what is wrong in a request by 400."""
    try:
        _change(parts, space, change)
    except InvalidError as error:
        error.status = HTTPStatus.BAD_REQUEST
        raise
    return JSONResponse(_runtime(parts, space), headers=_HEADERS)


def _change(parts: Parts, space: Space, change: Change) -> None:
    with changing(parts.database, parts.redis_sync) as session:
        change(session, get_space_by_id(session, space))


def _runtime(parts: Parts, space: Space) -> dict[str, object]:
    with parts.database.reading() as session:
        (seen,) = look_at(session, [get_space_by_id(session, space)])
        return runtime_of(seen, find_setting(session, space.id), parts.settings, at=now())
