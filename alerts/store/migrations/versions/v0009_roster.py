"""The roster of officers."""

import sqlalchemy as sa
from alembic import op

revision = "0009_roster"
down_revision = "0008_call_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a duty."""
    op.create_table(
        "roster_duty",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("swapped_with", sa.Text()),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("removed_by", sa.Text()),
        sa.Column("removed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_roster_duty"),
    )
    op.create_index("ix_roster_duty_ends", "roster_duty", ["ends_at"])


def downgrade() -> None:
    """Who was on duty stays in the book of shifts."""
    op.drop_index("ix_roster_duty_ends", table_name="roster_duty")
    op.drop_table("roster_duty")
