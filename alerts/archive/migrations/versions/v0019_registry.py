"""The registry of cameras, rules, agencies and areas, and its changes."""

import sqlalchemy as sa
from alembic import op

revision = "0019_registry"
down_revision = "0018_outbox"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two new tables; nothing that is there changes."""
    op.create_table(
        "registry_entry",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_registry_entry")),
    )
    op.create_index("ix_registry_entry_revision", "registry_entry", ["revision"])
    listed = ["kind", "id", "agency", "area", "enabled", "search"]
    op.create_index("ix_registry_entry_listed", "registry_entry", listed)
    op.create_index("ix_registry_entry_agency", "registry_entry", ["kind", "agency", "id"])
    op.create_index("ix_registry_entry_area", "registry_entry", ["kind", "area", "id"])
    op.create_table(
        "registry_change",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("before_sealed", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("after_sealed", sa.Text(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_registry_change")),
    )
    op.create_index(
        "ix_registry_change_entry", "registry_change", ["kind", "id", sa.text("revision DESC")]
    )


def downgrade() -> None:
    """What the registry held is gone: `thapcanh cameras export` first."""
    op.drop_table("registry_change")
    op.drop_table("registry_entry")
