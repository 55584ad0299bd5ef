"""Devices that are kept in the browser, and their tests."""

import sqlalchemy as sa
from alembic import op

revision = "0017_devices"
down_revision = "0016_camera_document"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a device, a row a test."""
    op.create_table(
        "device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facility", sa.Text()),
        sa.Column("place", sa.Text()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("cameras", sa.Text(), nullable=False),
        sa.Column("heartbeat_s", sa.Double()),
        sa.Column("topic", sa.Text()),
        sa.Column("account", sa.Text()),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("removed_by", sa.Text()),
        sa.Column("removed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
    )
    op.create_index("ix_device_facility", "device", ["facility"])
    op.create_index("ix_device_written", "device", ["written_at"])
    op.create_table(
        "device_test",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.Double(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_device_test"),
    )
    op.create_index("ix_device_test_ends", "device_test", ["ends_at"])


def downgrade() -> None:
    """An older program knows the devices of the files alone."""
    op.drop_index("ix_device_test_ends", table_name="device_test")
    op.drop_table("device_test")
    op.drop_index("ix_device_written", table_name="device")
    op.drop_index("ix_device_facility", table_name="device")
    op.drop_table("device")
