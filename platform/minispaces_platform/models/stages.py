"""Each Space's stage, kept by the database itself, whoever writes builds and deployments: for lists and for filters.

`spaces/stage.py` says the same of one Space; a test compares the two. A table of its own, so that what likes and
visits write at the same time is another row.
"""

from typing import Final

from sqlalchemy import DDL, ForeignKey, Index, String, event
from sqlalchemy.orm import Mapped, mapped_column

from minispaces_contract.states import Stage
from minispaces_platform.database import Base, word
from minispaces_platform.models.deployments import Deployment


class SpaceStage(Base):
    __tablename__ = "space_stages"
    __table_args__ = (Index("ix_space_stages_stage_space_id", "stage", "space_id"),)

    space_id: Mapped[str] = mapped_column(String(32), ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[Stage] = mapped_column(word(Stage))


_SERVES: Final = """EXISTS (SELECT 1 FROM deployments AS other
    WHERE other.space_id = spaces.id AND other.observed = 'running' AND other.desired = 'running')"""
STAGES: Final = f"""
    SELECT spaces.id AS space_id, CASE
        WHEN builds.status IS NULL THEN 'NO_APP_FILE'
        WHEN builds.status IN ('queued', 'building') AND {_SERVES} THEN 'RUNNING_BUILDING'
        WHEN builds.status IN ('queued', 'building') THEN 'BUILDING'
        WHEN builds.status = 'failed' THEN coalesce(builds.failed_stage, 'BUILD_ERROR')
        WHEN newest.observed = 'failed' THEN 'RUNTIME_ERROR'
        WHEN newest.desired = 'stopped' THEN 'PAUSED'
        WHEN newest.observed = 'starting' AND {_SERVES} THEN 'RUNNING_APP_STARTING'
        WHEN newest.observed = 'starting' THEN 'APP_STARTING'
        ELSE coalesce(upper(newest.observed), 'STOPPED') END AS stage
    FROM spaces
    LEFT JOIN builds ON builds.space_id = spaces.id AND builds.version = spaces.versions
    LEFT JOIN deployments AS newest
        ON newest.id = (SELECT max(id) FROM deployments WHERE deployments.space_id = spaces.id)"""  # noqa: S608 - our own words
_KEEP: Final = f"""
    UPDATE space_stages SET stage = seen.stage FROM ({STAGES} WHERE spaces.id = {{space}}) AS seen
    WHERE space_stages.space_id = seen.space_id AND space_stages.stage <> seen.stage"""  # noqa: S608 - our own words
_LOCK: Final = "PERFORM 1 FROM space_stages WHERE space_stages.space_id = {space} FOR UPDATE;"
_MOMENTS: Final = {
    "INSERT ON builds": "NEW.space_id",
    "UPDATE OF status, failed_stage ON builds": "NEW.space_id",
    "DELETE ON builds": "OLD.space_id",
    "INSERT ON deployments": "NEW.space_id",
    "UPDATE OF observed, desired ON deployments": "NEW.space_id",
    "DELETE ON deployments": "OLD.space_id",
    "UPDATE OF versions ON spaces": "NEW.id",
}
"""When a stage may become another one, and of which Space."""

_NAME: Final = "space_stages_"
_FUNCTION: Final = f"""CREATE FUNCTION {_NAME}{{number}}() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN {{deed}}; RETURN NULL; END $$"""
_BEGIN: Final = "INSERT INTO space_stages (space_id, stage) VALUES (NEW.id, 'NO_APP_FILE')"


def on_sqlite() -> list[str]:
    deeds = {"INSERT ON spaces": _BEGIN} | {when: _KEEP.format(space=space) for when, space in _MOMENTS.items()}
    return [
        f"CREATE TRIGGER {_NAME}{number} AFTER {when} BEGIN {deed}; END"
        for number, (when, deed) in enumerate(deeds.items())
    ]


def on_postgresql() -> list[str]:
    """The row is locked first: of two that write at once, the second then sees what the first one wrote."""
    deeds = {when: (_LOCK + _KEEP).format(space=space) for when, space in _MOMENTS.items()}
    return [
        statement
        for number, (when, deed) in enumerate(({"INSERT ON spaces": _BEGIN} | deeds).items())
        for statement in (
            _FUNCTION.format(number=number, deed=deed),
            f"CREATE TRIGGER {_NAME}{number} AFTER {when} FOR EACH ROW EXECUTE FUNCTION {_NAME}{number}()",
        )
    ]


for _dialect, _statements in (("postgresql", on_postgresql()), ("sqlite", on_sqlite())):
    for _statement in _statements:
        _ddl = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
        event.listen(Deployment.__table__, "after_create", _ddl.execute_if(dialect=_dialect))
