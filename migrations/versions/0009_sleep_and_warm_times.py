"""Sleep: how long an app waits, and when it is kept warm

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NAME = "ck_deployments_instancestatus"
_BEFORE = "observed IN ('starting', 'running', 'stopped', 'failed')"
_AFTER = "observed IN ('starting', 'running', 'sleeping', 'stopped', 'failed')"


def upgrade() -> None:
    _change_words(_BEFORE, _AFTER)
    op.create_table(
        "sleep_settings",
        sa.Column("space_id", sa.String(length=32), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("warm", sa.JSON(), nullable=False),
        sa.Column("asleep_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("awake_since", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("seconds > 0 OR seconds = -1", name=op.f("ck_sleep_settings_seconds_or_never")),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name=op.f("fk_sleep_settings_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_sleep_settings")),
    )


def downgrade() -> None:
    """What sleeps is told as running: its host leads to it all the same."""
    op.drop_table("sleep_settings")
    op.execute("UPDATE deployments SET observed = 'running' WHERE observed = 'sleeping'")
    _change_words(_AFTER, _BEFORE)


def _change_words(before: str, after: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(f"CONSTRAINT {_NAME} CHECK ({before})", f"CONSTRAINT {_NAME} CHECK ({after})")
        return
    op.drop_constraint(op.f(_NAME), "deployments", type_="check")
    op.create_check_constraint(op.f(_NAME), "deployments", after)


def _rewrite(before: str, after: str) -> None:
    """SQLite changes no CHECK. Making the table anew would drop the old one first, and with it all that refers to it;
    its documentation names this way for constraints (lang_altertable, section 7).
    """
    connection = op.get_bind()
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'deployments' AND instr(sql, ?)",
        (before, after, before),
    )
    if changed.rowcount != 1:
        raise RuntimeError("deployments has no such constraint")
    connection.exec_driver_sql(f"PRAGMA schema_version={number + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
