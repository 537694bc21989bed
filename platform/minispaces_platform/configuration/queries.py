"""Reading variables and secrets: names for people, values for the app alone."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy import select
from sqlalchemy.orm import Session

from minispaces_platform.database import among
from minispaces_platform.models.configuration import Variable
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import unseal

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class VariableNow:
    """`value` is None for a secret: it is never shown again."""

    name: str
    value: str | None
    updated_at: datetime

    @property
    def is_secret(self) -> bool:
        return self.value is None


def list_variables(session: Session, space_id: str) -> tuple[VariableNow, ...]:
    rows = session.execute(
        select(Variable.name, Variable.value, Variable.updated_at)
        .where(Variable.space_id == space_id)
        .order_by(Variable.sealed.is_not(None), Variable.name)
    )
    return tuple(VariableNow(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Values:
    variables: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def variables_of(session: Session, space_id: str) -> dict[str, str]:
    """Of one Space, without its secrets."""
    plain = select(Variable.name, Variable.value).where(Variable.space_id == space_id, Variable.sealed.is_(None))
    return {name: value or "" for name, value in session.execute(plain)}


def values_of(session: Session, settings: PlatformSettings, *, only: Collection[str] = ()) -> dict[str, Values]:
    """Of every Space that has any, or of some `only`; secrets opened. One statement."""
    found: dict[str, Values] = defaultdict(Values)
    for row in session.scalars(select(Variable).where(*among(Variable.space_id, only))):
        if row.sealed is None:
            found[row.space_id].variables[row.name] = row.value or ""
        elif (opened := _opened(row, row.sealed, settings)) is not None:
            found[row.space_id].secrets[row.name] = opened
    return found


def _opened(row: Variable, sealed: bytes, settings: PlatformSettings) -> str | None:
    """None for what another installation's key sealed: one Space's loss must not stop all the others."""
    try:
        return unseal(settings, sealed, context=row.id)
    except InvalidTag:
        log.error("secret_cannot_be_opened", space=row.space_id, variable=row.id)  # noqa: TRY400 - nothing in it helps
        return None
