"""How each camera was, and when that was written down."""

import sqlalchemy as sa
from alembic import op

revision = "0010_coverage"
down_revision = "0009_holds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known of the time before."""
    op.create_table(
        "camera_span",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("picture", sa.Text(), nullable=True),
        sa.Column("sees", sa.Boolean(), nullable=False),
        sa.Column("began_outage", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", "since", name=op.f("pk_camera_span")),
    )
    op.create_index("ix_camera_span_until", "camera_span", ["until"], unique=False)
    op.create_table(
        "recorded_span",
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("since", name=op.f("pk_recorded_span")),
    )


def downgrade() -> None:
    """An earlier program keeps no such record."""
    op.drop_table("recorded_span")
    op.drop_table("camera_span")
