"""Likes, search and collections

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ORDERS = {
    "ix_spaces_trending": ["trending", "id"],
    "ix_spaces_likes": ["likes", "id"],
    "ix_spaces_visits": ["visits", "id"],
    "ix_spaces_new": ["id"],
}
ASKED = ["visibility", "owner_id", "sdk", "hardware_name"]
POSTGRESQL = (
    """ALTER TABLE search_texts ADD COLUMN search_names tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', owner || ' ' || names)) STORED""",
    """ALTER TABLE search_texts ADD COLUMN search_all tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', owner || ' ' || names || ' ' || coalesce(readme, ''))) STORED""",
    "CREATE INDEX search_texts_names ON search_texts USING gin (search_names)",
    "CREATE INDEX search_texts_all ON search_texts USING gin (search_all)",
)
FTS = "fts5(words, content='', contentless_delete=1, detail='none', prefix='2 3 4', tokenize='unicode61')"
SQLITE = (
    f"CREATE VIRTUAL TABLE search_names USING {FTS}",
    f"CREATE VIRTUAL TABLE search_all USING {FTS}",
    """CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
    INSERT INTO search_names (rowid, words) VALUES (new.id, new.owner || ' ' || new.names);
    INSERT INTO search_all (rowid, words)
    VALUES (new.id, new.owner || ' ' || new.names || ' ' || coalesce(new.readme, '')); END""",
    """CREATE TRIGGER search_texts_changed AFTER UPDATE OF owner, names, readme ON search_texts BEGIN
    INSERT OR REPLACE INTO search_names (rowid, words) VALUES (new.id, new.owner || ' ' || new.names);
    INSERT OR REPLACE INTO search_all (rowid, words)
    VALUES (new.id, new.owner || ' ' || new.names || ' ' || coalesce(new.readme, '')); END""",
    """CREATE TRIGGER search_texts_gone AFTER DELETE ON search_texts BEGIN
    DELETE FROM search_names WHERE rowid = old.id; DELETE FROM search_all WHERE rowid = old.id; END""",
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for column in (
        sa.Column("likes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("visits", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("trending", sa.Double(), nullable=False, server_default="0"),
        sa.Column("sdk", sa.String(32), nullable=True),
        sa.Column("hardware_name", sa.String(63), nullable=False, server_default="cpu-basic"),
    ):
        op.add_column("spaces", column)
    json = "{0} ->> '{1}'" if postgresql else "json_extract({0}, '$.{1}')"
    op.execute(
        f"UPDATE spaces SET sdk = {json.format('card', 'sdk')},"  # noqa: S608 - words of our own
        f" hardware_name = coalesce({json.format('hardware', 'name')}, 'cpu-basic')"
    )
    for name, columns in ORDERS.items():
        op.create_index(name, "spaces", [*columns, *ASKED])
    op.create_index("ix_deployments_observed", "deployments", ["observed"])
    _likes()
    _collections()
    _search(POSTGRESQL if postgresql else SQLITE)


def _likes() -> None:
    op.create_table(
        "likes",
        sa.Column("space_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name="fk_likes_space_id_spaces", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_likes_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("space_id", "user_id", name="pk_likes"),
    )
    op.create_index("ix_likes_user_id_created_at", "likes", ["user_id", "created_at"])
    op.create_index("ix_likes_space_id_created_at", "likes", ["space_id", "created_at"])
    op.create_index("ix_likes_created_at", "likes", ["created_at"])


def _collections() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.String(32), nullable=False),
        sa.Column("slug", sa.String(80), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("featured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["namespaces.id"], name="fk_collections_owner_id_namespaces", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_collections"),
        sa.UniqueConstraint("owner_id", "slug", name="uq_collections_owner_id_slug"),
    )
    op.create_index("ix_collections_featured_at", "collections", ["featured_at"])
    op.create_table(
        "collection_items",
        sa.Column("collection_id", sa.String(32), nullable=False),
        sa.Column("space_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collections.id"], name="fk_collection_items_collection_id_collections",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name="fk_collection_items_space_id_spaces", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("collection_id", "space_id", name="pk_collection_items"),
    )  # fmt: skip
    op.create_index("ix_collection_items_space_id", "collection_items", ["space_id"])


def _search(of_this_database: tuple[str, ...]) -> None:
    """The janitor fills it: only git has the READMEs."""
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("space_id", sa.String(32), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("readme", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["space_id"], ["spaces.id"], name="fk_search_texts_space_id_spaces", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_search_texts"),
        sa.UniqueConstraint("space_id", name="uq_search_texts_space_id"),
    )
    op.create_table(
        "space_tags",
        sa.Column("tag", sa.String(60), nullable=False),
        sa.Column("space_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name="fk_space_tags_space_id_spaces", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tag", "space_id", name="pk_space_tags"),
    )
    op.create_index("ix_space_tags_space_id", "space_tags", ["space_id"])
    for statement in of_this_database:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_names")
        op.execute("DROP TABLE search_all")
    for table in ("space_tags", "search_texts", "collection_items", "collections", "likes"):
        op.drop_table(table)
    op.drop_index("ix_deployments_observed", "deployments")
    for name in ORDERS:
        op.drop_index(name, "spaces")
    for column in ("likes", "visits", "trending", "sdk", "hardware_name"):
        op.drop_column("spaces", column)
