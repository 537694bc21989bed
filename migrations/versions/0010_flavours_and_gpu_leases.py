"""Hardware flavours, what organisations may use, and GPU minutes

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OFFERED = (
    ("cpu-basic", "CPU basic", 2, 4096, 0),
    ("cpu-upgrade", "CPU upgrade", 8, 32 * 1024, 0),
    ("t4-small", "Nvidia T4 small", 4, 15 * 1024, 1),
    ("a10g-small", "Nvidia A10G small", 4, 15 * 1024, 1),
    ("a100-large", "Nvidia A100 large", 12, 142 * 1024, 1),
)


def upgrade() -> None:
    flavours = op.create_table(
        "flavours",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("hardware", sa.JSON(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_flavours")),
    )
    op.bulk_insert(
        flavours, [*(_row(*each) for each in _OFFERED), _row("zero-a10g", "Shared GPU", 4, 16 * 1024, 1, shared=True)]
    )
    op.create_table(
        "hardware_rules",
        sa.Column("namespace_id", sa.String(length=32), nullable=False),
        sa.Column("default", sa.String(length=63), nullable=True),
        sa.Column("allowed", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["default"], ["flavours.name"], name=op.f("fk_hardware_rules_default_flavours")),
        _of_namespace("hardware_rules"),
        sa.PrimaryKeyConstraint("namespace_id", name=op.f("pk_hardware_rules")),
    )
    op.create_table(
        "gpu_months",
        sa.Column("namespace_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        _of_namespace("gpu_months"),
        sa.PrimaryKeyConstraint("namespace_id", "month", name=op.f("pk_gpu_months")),
    )
    op.create_table(
        "gpu_now",
        sa.Column("space_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("counted", sa.Double(), nullable=False),
        sa.Column("holding", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("wait_seconds", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name=op.f("fk_gpu_now_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_gpu_now")),
    )
    with op.batch_alter_table("quotas", schema=None) as batch_op:
        batch_op.add_column(sa.Column("memory", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("gpu_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("builds", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("quotas", schema=None) as batch_op:
        batch_op.drop_column("builds")
        batch_op.drop_column("gpu_minutes")
        batch_op.drop_column("memory")

    op.drop_table("gpu_now")
    op.drop_table("gpu_months")
    op.drop_table("hardware_rules")
    op.drop_table("flavours")


def _of_namespace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["namespace_id"], ["namespaces.id"], name=op.f(f"fk_{table}_namespace_id_namespaces"), ondelete="CASCADE"
    )


def _row(name: str, label: str, *figures: float, shared: bool = False) -> dict[str, object]:
    cpus, memory_mb, gpus = figures
    hardware = {"name": name, "cpus": cpus, "memory_mb": memory_mb, "gpus": gpus}
    more = {"gpu_model": "", "gpu_shared": shared, "disk_mb": 0}
    return {"name": name, "label": label, "hardware": hardware | more, "is_open": True, "retired_at": None}
