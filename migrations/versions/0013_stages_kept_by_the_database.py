"""Each Space's stage, kept by the database itself; what its repository takes on the disk

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WORDS = (
    "NO_APP_FILE", "CONFIG_ERROR", "BUILDING", "BUILD_ERROR", "APP_STARTING", "RUNNING", "RUNNING_BUILDING",
    "RUNNING_APP_STARTING", "RUNTIME_ERROR", "SLEEPING", "STOPPED", "PAUSED",
)  # fmt: skip
_SERVES = """EXISTS (SELECT 1 FROM deployments AS other
    WHERE other.space_id = spaces.id AND other.observed = 'running' AND other.desired = 'running')"""
STAGES = f"""
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
_KEEP = f"""
    UPDATE space_stages SET stage = seen.stage FROM ({STAGES} WHERE spaces.id = {{space}}) AS seen
    WHERE space_stages.space_id = seen.space_id AND space_stages.stage <> seen.stage"""  # noqa: S608 - our own words
_LOCK = "PERFORM 1 FROM space_stages WHERE space_stages.space_id = {space} FOR UPDATE;"
_MOMENTS = {
    "INSERT ON builds": "NEW.space_id",
    "UPDATE OF status, failed_stage ON builds": "NEW.space_id",
    "DELETE ON builds": "OLD.space_id",
    "INSERT ON deployments": "NEW.space_id",
    "UPDATE OF observed, desired ON deployments": "NEW.space_id",
    "DELETE ON deployments": "OLD.space_id",
    "UPDATE OF versions ON spaces": "NEW.id",
}

_NAME = "space_stages_"
_FUNCTION = f"""CREATE FUNCTION {_NAME}{{number}}() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN {{deed}}; RETURN NULL; END $$"""
_BEGIN = "INSERT INTO space_stages (space_id, stage) VALUES (NEW.id, 'NO_APP_FILE')"


def on_sqlite() -> list[str]:
    deeds = {"INSERT ON spaces": _BEGIN} | {when: _KEEP.format(space=space) for when, space in _MOMENTS.items()}
    return [
        f"CREATE TRIGGER {_NAME}{number} AFTER {when} BEGIN {deed}; END"
        for number, (when, deed) in enumerate(deeds.items())
    ]


def on_postgresql() -> list[str]:
    deeds = {when: (_LOCK + _KEEP).format(space=space) for when, space in _MOMENTS.items()}
    return [
        statement
        for number, (when, deed) in enumerate(({"INSERT ON spaces": _BEGIN} | deeds).items())
        for statement in (
            _FUNCTION.format(number=number, deed=deed),
            f"CREATE TRIGGER {_NAME}{number} AFTER {when} FOR EACH ROW EXECUTE FUNCTION {_NAME}{number}()",
        )
    ]


def upgrade() -> None:
    op.add_column("spaces", sa.Column("repository_bytes", sa.BigInteger(), nullable=True))
    op.create_table(
        "space_stages",
        sa.Column("space_id", sa.String(length=32), nullable=False),
        sa.Column(
            "stage", sa.Enum(*_WORDS, native_enum=False, create_constraint=True, length=32, name="stage"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name=op.f("fk_space_stages_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_space_stages")),
    )  # fmt: skip
    op.execute(f"INSERT INTO space_stages (space_id, stage) {STAGES}")
    op.create_index("ix_space_stages_stage_space_id", "space_stages", ["stage", "space_id"])
    for statement in on_postgresql() if _is_postgresql() else on_sqlite():
        op.execute(statement)


def downgrade() -> None:
    for number, when in enumerate(["INSERT ON spaces", *_MOMENTS]):
        table = when.rpartition(" ")[2]
        op.execute(f"DROP TRIGGER {_NAME}{number}" + (f" ON {table}" if _is_postgresql() else ""))
        if _is_postgresql():
            op.execute(f"DROP FUNCTION {_NAME}{number}()")
    op.drop_table("space_stages")
    op.drop_column("spaces", "repository_bytes")


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
