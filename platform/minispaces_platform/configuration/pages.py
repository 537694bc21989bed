"""The forms about variables and secrets on a Space's settings page."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.actors import CurrentActor
from minispaces_platform.configuration.naming import VALUE_MAX
from minispaces_platform.configuration.service import remove_variable, set_variable
from minispaces_platform.forms import Text
from minispaces_platform.guard import Managed
from minispaces_platform.models.spaces import Space
from minispaces_platform.parts import PartsDep
from minispaces_platform.spaces.settings_pages import PATH, submit_settings

router = APIRouter(include_in_schema=False)


class Entry(BaseModel):
    key: str = Field("", max_length=1000)
    value: str = Field("", max_length=VALUE_MAX * 2)
    kind: Literal["variable", "secret"] = "variable"


@router.post(f"{PATH}/variables")
def put(space: Managed, parts: PartsDep, actor: CurrentActor, entry: Annotated[Entry, Form()]) -> Response:
    secret = entry.kind == "secret"

    def change(session: Session, fresh: Space) -> None:
        set_variable(session, parts, actor, fresh, name=entry.key.strip(), value=entry.value, secret=secret)

    return submit_settings(parts, actor, space, form=f"{entry.kind}s", change=change)


@router.post(f"{PATH}/variables/remove")
def remove(space: Managed, parts: PartsDep, actor: CurrentActor, key: Text = "") -> Response:
    def change(session: Session, fresh: Space) -> None:
        remove_variable(session, parts, actor, fresh, name=key)

    return submit_settings(parts, actor, space, form="variables", change=change)
