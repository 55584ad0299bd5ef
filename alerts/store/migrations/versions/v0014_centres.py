"""The centres that are expected: each that lived on this archive and was not removed."""

import sqlalchemy as sa
from alembic import op

revision = "0014_centres"
down_revision = "0013_alert_corroboration"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a centre."""
    op.create_table(
        "centre",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("ahead_s", sa.Double(), nullable=False),
        sa.Column("within_s", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_centre"),
    )


def downgrade() -> None:
    """An older program knows the centres that live, and expects none."""
    op.drop_table("centre")
