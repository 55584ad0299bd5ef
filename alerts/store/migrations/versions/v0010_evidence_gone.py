"""When the files of deleted evidence were gone from the store: they are deleted after the word."""

import sqlalchemy as sa
from alembic import op

revision = "0010_evidence_gone"
down_revision = "0009_roster"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was written down as deleted until now had its files deleted before."""
    op.add_column("evidence", sa.Column("gone_at", sa.Double()))
    evidence = sa.table("evidence", sa.column("gone_at"), sa.column("deleted_at"))
    op.execute(sa.update(evidence).values(gone_at=evidence.c.deleted_at))
    op.create_index(
        "ix_evidence_going",
        "evidence",
        ["deleted_at"],
        postgresql_where=sa.text("deleted_at IS NOT NULL AND gone_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL AND gone_at IS NULL"),
    )


def downgrade() -> None:
    """Files that are still to go stay in the store, and no older program asks for them."""
    op.drop_index("ix_evidence_going", table_name="evidence")
    op.drop_column("evidence", "gone_at")
