"""What is usual on each camera, and which cameras an advisory of haze names."""

import sqlalchemy as sa
from alembic import op

revision = "0015_habits"
down_revision = "0014_belief"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is known yet. Verdicts are also asked for by time alone."""
    op.create_table(
        "camera_habit",
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.Double(), nullable=True),
        sa.Column("cleared_at", sa.Double(), nullable=True),
        sa.Column("cleared_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("camera_id", name=op.f("pk_camera_habit")),
    )
    op.create_index(
        "ix_camera_habit_cleared",
        "camera_habit",
        ["cleared_at"],
        sqlite_where=sa.text("cleared_at IS NOT NULL"),
        postgresql_where=sa.text("cleared_at IS NOT NULL"),
    )
    op.create_table(
        "haze_camera",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_haze_camera_alert_id")),
        sa.PrimaryKeyConstraint("event_id", "camera_id", name=op.f("pk_haze_camera")),
    )
    op.create_index(
        "ix_alert_judged",
        "alert",
        ["verdict_at"],
        sqlite_where=sa.text("verdict_at IS NOT NULL"),
        postgresql_where=sa.text("verdict_at IS NOT NULL"),
    )


def downgrade() -> None:
    """What was learned is lost."""
    op.drop_index("ix_alert_judged", table_name="alert")
    op.drop_table("haze_camera")
    op.drop_table("camera_habit")
