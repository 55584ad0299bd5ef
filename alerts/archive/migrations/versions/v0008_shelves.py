"""What officers shelved, and which alerts lie on a shelf."""

import sqlalchemy as sa
from alembic import op

revision = "0008_shelves"
down_revision = "0007_api_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is shelved yet."""
    op.create_table(
        "shelf",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("camera_name", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("zone_id", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("covers_p1", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf")),
    )
    in_force = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_shelf_in_force",
        "shelf",
        ["camera_id"],
        unique=False,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.create_index("ix_shelf_ended", "shelf", ["ended_at"], unique=False)
    op.add_column("alert", sa.Column("shelf_id", sa.Text(), nullable=True))
    op.add_column("alert", sa.Column("shelved_until", sa.Double(), nullable=True))
    on_shelf = sa.text("shelf_id IS NOT NULL")
    op.create_index(
        "ix_alert_on_shelf",
        "alert",
        ["shelf_id"],
        unique=False,
        sqlite_where=on_shelf,
        postgresql_where=on_shelf,
    )


def downgrade() -> None:
    """What lay on a shelf lies open again: an earlier program shows it as it is."""
    op.drop_index("ix_alert_on_shelf", table_name="alert")
    op.drop_column("alert", "shelved_until")
    op.drop_column("alert", "shelf_id")
    op.drop_table("shelf")
