"""Administration of hardware: which flavours there are, and who may have which."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_contract.messages import Hardware
from minispaces_platform.access import Actor
from minispaces_platform.errors import InvalidError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, submit
from minispaces_platform.guard import Admin
from minispaces_platform.hardware import service
from minispaces_platform.hardware.queries import count_uses, list_rules
from minispaces_platform.hardware.views import FlavourForm, FlavoursView, form_of, rows_of
from minispaces_platform.models.hardware import Flavour
from minispaces_platform.namespaces.service import get_namespace
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep

PATH = "/admin/hardware"
router = APIRouter(prefix=PATH, include_in_schema=False)

_MIB = 1024
_MOST_CPUS, _MOST_GB, _MOST_GPUS = 1024, 65_536, 64
_BLANK = FlavourForm()
DONE = {
    "flavour": "Saved. Spaces that have it get the new figures at their next start.",
    "retire": "Retired. Nobody chooses it any more; the Spaces that have it keep it.",
    "offer": "Offered again.",
    "delete": "Deleted.",
    "rule": "Saved. Spaces keep the hardware that they have.",
}


class Typed(BaseModel):
    flavour: str = Field("", max_length=63)
    label: str = Field("", max_length=60)
    cpus: str = Field("", max_length=10)
    memory_gb: str = Field("", max_length=10)
    gpus: str = Field("", max_length=10)
    gpu_model: str = Field("", max_length=60)
    disk_gb: str = Field("", max_length=10)
    is_shared: bool = False
    is_open: bool = False

    @property
    def as_form(self) -> FlavourForm:
        return FlavourForm(**self.model_dump())

    @property
    def hardware(self) -> Hardware:
        """Raises InvalidError."""
        gpus = int(_number(self.gpus or "0", "GPUs", most=_MOST_GPUS))
        memory = _number(self.memory_gb, "gigabytes of memory", most=_MOST_GB)
        return Hardware(
            name=self.flavour.strip(), cpus=_number(self.cpus, "CPUs", most=_MOST_CPUS) or 1,
            memory_mb=round(memory * _MIB) or _MIB, gpus=gpus, gpu_model=self.gpu_model.strip() if gpus else "",
            gpu_shared=self.is_shared and gpus > 0,
            disk_mb=round(_number(self.disk_gb or "0", "gigabytes of disk", most=_MOST_GB) * _MIB),
        )  # fmt: skip


@router.get("")
def show_hardware(admin: Admin, parts: PartsDep, flavour: str = "", owner: str = "", done: str = "") -> Response:
    with parts.database.reading() as session:
        known = session.get(Flavour, flavour[:63]) if flavour else None
    return _page(parts, admin, form=form_of(known) if known else _BLANK, owner=owner[:63], done=DONE.get(done, ""))


@router.post("")
def save(admin: Admin, parts: PartsDep, typed: Annotated[Typed, Form()]) -> Response:
    def change(session: Session) -> str:
        service.save_flavour(session, admin, typed.hardware, label=typed.label, is_open=typed.is_open)
        return f"{PATH}?done=flavour"

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, admin, form=typed.as_form, problem=problem, status=status)

    return submit(parts, change, form="flavour", again=again)


@router.post("/rules")
def save_rule(
    admin: Admin, parts: PartsDep, *, owner: Text = "", default: Text = "",
    allowed: Annotated[list[str], Form(max_length=100)] = [],  # noqa: B006 - FastAPI makes it anew
) -> Response:  # fmt: skip
    """Without a default and with nothing ticked the rule is lifted."""

    def change(session: Session) -> str:
        namespace = get_namespace(session, owner.strip())
        service.set_rule(session, admin, namespace, default=default or None, allowed=tuple(allowed) or None)
        return f"{PATH}?done=rule"

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, admin, owner=owner, problem=problem, status=status)

    return submit(parts, change, form="rule", again=again)


@router.post("/{flavour}/retire")
def retire(admin: Admin, parts: PartsDep, flavour: str) -> Response:
    def change(session: Session) -> str:
        service.retire_flavour(session, admin, flavour, retired=True)
        return f"{PATH}?done=retire"

    return _submit_row(parts, admin, change)


@router.post("/{flavour}/offer")
def offer(admin: Admin, parts: PartsDep, flavour: str) -> Response:
    def change(session: Session) -> str:
        service.retire_flavour(session, admin, flavour, retired=False)
        return f"{PATH}?done=offer"

    return _submit_row(parts, admin, change)


@router.post("/{flavour}/delete")
def delete(admin: Admin, parts: PartsDep, flavour: str) -> Response:
    def change(session: Session) -> str:
        service.delete_flavour(session, admin, flavour)
        return f"{PATH}?done=delete"

    return _submit_row(parts, admin, change)


def _submit_row(parts: Parts, admin: Actor, change: Callable[[Session], str]) -> Response:
    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, admin, problem=problem, status=status)

    return submit(parts, change, form="row", again=again)


def _number(typed: str, what: str, *, most: float) -> float:
    try:
        number = float(typed)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise InvalidError(f"{typed[:20]!r} is no number of {what}.", hint=f"Between 0 and {most:g}.")
    return number


def _page(
    parts: Parts, admin: Actor, *, form: FlavourForm = _BLANK, owner: str = "", problem: FormProblem = NO_PROBLEM,
    status: int = 200, done: str = "",
) -> Response:  # fmt: skip
    with parts.database.reading() as session:
        rows, rules = rows_of(count_uses(session)), list_rules(session)
    view = FlavoursView(
        flavours=rows, offered=tuple(each.words for each in rows if not each.is_retired), rules=rules, form=form,
        is_known=form.flavour in {each.words.value for each in rows}, owner=owner, problem=problem, done=done,
    )  # fmt: skip
    return render("admin/hardware.html", view, user=admin.user, status=status)
