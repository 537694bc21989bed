"""Quotas: who may have how much."""

from dataclasses import dataclass

from fastapi import APIRouter
from sqlalchemy.orm import Session
from starlette.responses import Response

from minispaces_platform.access import Actor
from minispaces_platform.errors import InvalidError
from minispaces_platform.forms import NO_PROBLEM, FormProblem, Text, submit
from minispaces_platform.guard import Admin
from minispaces_platform.namespaces.service import get_namespace
from minispaces_platform.pages import render
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.quotas.queries import QuotaNow, list_quotas
from minispaces_platform.quotas.service import Amounts, set_quota

router = APIRouter(prefix="/admin/quotas", include_in_schema=False)

_MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class QuotasView:
    quotas: tuple[QuotaNow, ...]
    owner: str
    now: Amounts
    """The owner's quota as it is, for the form."""
    problem: FormProblem


@router.get("")
def show_quotas(admin: Admin, parts: PartsDep, owner: str = "") -> Response:
    return _page(parts, admin, owner=owner[:63])


@router.post("")
def save_quota(
    admin: Admin, parts: PartsDep, *, owner: Text = "", spaces: Text = "", running: Text = "", disk_gb: Text = "",
    memory_gb: Text = "", gpu_minutes: Text = "", builds: Text = "",
) -> Response:  # fmt: skip
    def change(session: Session) -> str:
        disk, memory = _number(disk_gb, "gigabytes of disk"), _number(memory_gb, "gigabytes of memory")
        amounts = Amounts(
            spaces=_number(spaces, "Spaces"), running=_number(running, "running apps"),
            disk=None if disk is None else disk * 10**9, memory=None if memory is None else memory << 30,
            gpu_minutes=_number(gpu_minutes, "GPU minutes"), builds=_number(builds, "builds"),
        )  # fmt: skip
        set_quota(session, admin, get_namespace(session, owner.strip()), amounts)
        return "/admin/quotas"

    def again(problem: FormProblem, status: int) -> Response:
        return _page(parts, admin, owner=owner, problem=problem, status=status)

    return submit(parts, change, form="quota", again=again)


def _number(typed: str, what: str) -> int | None:
    typed = typed.strip()
    if not typed:
        return None
    if not typed.isdecimal() or int(typed) > _MOST:
        raise InvalidError(f"{typed[:20]!r} is no number of {what}.", hint="A whole number, or nothing for no limit.")
    return int(typed)


def _page(
    parts: Parts, admin: Actor, *, owner: str = "", problem: FormProblem = NO_PROBLEM, status: int = 200
) -> Response:
    with parts.database.reading() as session:
        quotas = list_quotas(session)
    now = next((each.allowed for each in quotas if each.name == owner), Amounts())
    view = QuotasView(quotas, owner, now, problem)
    return render("admin/quotas.html", view, user=admin.user, status=status)
