"""Configurations: the variables and secrets that a release was made with, kept so that it can come back with them.

Secrets are copied as they are sealed, and open with the id of the row that they stood in: nothing is opened to keep it.
"""

import base64
import hashlib
from collections.abc import Collection, Iterable

import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy import delete, select, union, update
from sqlalchemy.orm import Session

from minispaces_contract.messages import Hardware
from minispaces_contract.states import DesiredState
from minispaces_platform.configuration.queries import Values
from minispaces_platform.database import among
from minispaces_platform.models.builds import Build
from minispaces_platform.models.configuration import Variable
from minispaces_platform.models.deployments import Configuration, Deployment, KeptValue, KeptValues, Preview
from minispaces_platform.settings import PlatformSettings
from minispaces_platform.signing import unseal

log = structlog.get_logger()


def keep_configuration(session: Session, space_id: str) -> Configuration:
    """The Space's variables and secrets as they are now. The same ones make one row."""
    kept = keep_values(session, space_id)
    digest = hashlib.sha256(kept.model_dump_json().encode()).hexdigest()
    same = select(Configuration).where(Configuration.space_id == space_id, Configuration.digest == digest)
    if found := session.scalar(same):
        return found
    made = Configuration(space_id=space_id, digest=digest, kept=kept)
    session.add(made)
    session.flush()
    return made


def keep_values(session: Session, space_id: str) -> KeptValues:
    rows = session.scalars(select(Variable).where(Variable.space_id == space_id).order_by(Variable.name))
    return KeptValues(values=tuple(_kept(row) for row in rows))


def _kept(row: Variable) -> KeptValue:
    if row.sealed is None:
        return KeptValue(name=row.name, value=row.value or "")
    return KeptValue(name=row.name, sealed=base64.b64encode(row.sealed).decode(), row=row.id)


def mark_of(configuration: Configuration, hardware: Hardware) -> str:
    """The same for the same settings."""
    return hashlib.sha256(f"{configuration.digest} {hardware.model_dump_json()}".encode()).hexdigest()


def opened(session: Session, settings: PlatformSettings, *, only: Collection[str] = ()) -> dict[str, Values]:
    """Of all releases that may run, or of some Spaces `only`, by the configuration's id. One statement."""
    wanted = union(
        select(Deployment.configuration_id).where(Deployment.desired == DesiredState.RUNNING),
        select(Preview.configuration_id),
    )
    some = among(Configuration.space_id, only)
    rows = session.scalars(select(Configuration).where(Configuration.id.in_(wanted), *some))
    return {row.id: _open(row, settings) for row in rows}


def _open(configuration: Configuration, settings: PlatformSettings) -> Values:
    """What another installation's key sealed is left out: one Space's loss must not stop all the others."""
    values = Values()
    for kept in configuration.kept.values:
        if kept.value is not None:
            values.variables[kept.name] = kept.value
            continue
        try:
            values.secrets[kept.name] = unseal(settings, base64.b64decode(kept.sealed), context=kept.row)
        except InvalidTag:
            log.error("secret_cannot_be_opened", space=configuration.space_id, configuration=configuration.id)  # noqa: TRY400 - nothing in it helps
    return values


def forget_configurations(session: Session, build_ids: Iterable[str]) -> None:
    """With the artifacts of `build_ids` what they ran with: nobody can go back to it, so no secret of it stays."""
    gone = list(build_ids)
    for table in (Deployment, Preview):
        session.execute(update(table).where(table.build_id.in_(gone)).values(configuration_id=None))
    used = union(
        *(select(table.configuration_id).where(table.configuration_id.is_not(None)) for table in (Deployment, Preview))
    )
    spaces = select(Build.space_id).where(Build.id.in_(gone))
    session.execute(
        delete(Configuration)
        .where(Configuration.space_id.in_(spaces), Configuration.id.not_in(used))
        .execution_options(synchronize_session=False)
    )
