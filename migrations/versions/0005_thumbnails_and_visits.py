"""Thumbnails and visits

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spaces", sa.Column("thumbnail", sa.Integer(), nullable=True))
    op.add_column("deployments", sa.Column("pictured_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deployments", sa.Column("picture_tries", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "visit_days",
        sa.Column("space_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name=op.f("fk_visit_days_space_id_spaces"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("space_id", "day", name=op.f("pk_visit_days")),
    )


def downgrade() -> None:
    op.drop_table("visit_days")
    op.drop_column("deployments", "picture_tries")
    op.drop_column("deployments", "pictured_at")
    op.drop_column("spaces", "thumbnail")
