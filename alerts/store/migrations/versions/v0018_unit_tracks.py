"""Where units were."""

import sqlalchemy as sa
from alembic import op

revision = "0018_unit_tracks"
down_revision = "0017_devices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a position."""
    op.create_table(
        "unit_track",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "at", name="pk_unit_track"),
    )
    op.create_index("ix_unit_track_received", "unit_track", ["received_at"])


def downgrade() -> None:
    """An older program knows where each unit is, and no track."""
    op.drop_index("ix_unit_track_received", table_name="unit_track")
    op.drop_table("unit_track")
