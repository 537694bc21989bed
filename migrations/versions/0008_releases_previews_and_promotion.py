"""Releases: kept configurations, previews and held deploys

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _word(table: str, column: str, first: str, *others: str) -> str:
    """A closed set; what is there has the first word."""
    words = ", ".join(f"'{word}'" for word in (first, *others))
    return (
        f"{column} VARCHAR(32) NOT NULL DEFAULT '{first}' CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({words}))"
    )


_COLUMNS = {
    "spaces": ("numbered INTEGER NOT NULL DEFAULT 0", "holds BOOLEAN NOT NULL DEFAULT false"),
    "builds": (
        "let_go_at TIMESTAMP WITH TIME ZONE",
        _word("builds", "purpose", "push", "preview", "asked"),
    ),
    "deployments": (
        "configuration_id VARCHAR(32)",
        "released_by VARCHAR(32)",
        "aside VARCHAR(64)",
        _word("deployments", "cause", "push", "restart", "settings", "rollback", "promote"),
    ),
}
"""In SQL that both databases read: a check comes with its column there, and goes with it."""


def upgrade() -> None:
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {_in_sql(column)}")
    op.create_table(
        "configurations",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name=op.f("fk_configurations_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configurations")),
        sa.UniqueConstraint("space_id", "digest", name=op.f("uq_configurations_space_id_digest")),
    )
    op.create_index(op.f("ix_configurations_space_id"), "configurations", ["space_id"])
    _create_previews()


def _in_sql(column: str) -> str:
    """SQLite has another word for moments, the one that SQLAlchemy gives to them."""
    return column.replace("TIMESTAMP WITH TIME ZONE", "DATETIME") if _is_sqlite() else column


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _create_previews() -> None:
    op.create_table(
        "previews",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("space_id", sa.String(length=32), nullable=False),
        sa.Column("build_id", sa.String(length=32), nullable=False),
        sa.Column("configuration_id", sa.String(length=32), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("artifact", sa.JSON(), nullable=False),
        sa.Column("hardware", sa.JSON(), nullable=False),
        sa.Column("startup_seconds", sa.Double(), nullable=False),
        sa.Column("observed", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("log_tail", sa.Text(), nullable=False),
        sa.Column("start_seconds", sa.Double(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pictured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picture_tries", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=63), nullable=False),
        sa.Column("branch", sa.String(length=255), nullable=False),
        sa.Column("alias", sa.String(length=63), nullable=False),
        sa.CheckConstraint(
            "observed IN ('starting', 'running', 'sleeping', 'stopped', 'failed')",
            name=op.f("ck_previews_instancestatus"),
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name=op.f("fk_previews_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["build_id"], ["builds.id"], name=op.f("fk_previews_build_id_builds"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
        sa.UniqueConstraint("label", name=op.f("uq_previews_label")),
    )
    for column in ("space_id", "build_id", "observed", "alias"):
        op.create_index(op.f(f"ix_previews_{column}"), "previews", [column])


def downgrade() -> None:
    op.drop_table("previews")
    op.drop_table("configurations")
    for table, columns in _COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.split(" ")[0])
