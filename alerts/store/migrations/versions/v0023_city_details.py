"""Which kind of trouble a restored zone ended; facilities counted without reading each."""

import sqlalchemy as sa
from alembic import op

revision = "0023_city_details"
down_revision = "0022_caller_links"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Older signals do not say what they restore: all of their zone was over."""
    op.add_column("device_signal", sa.Column("restores", sa.Text()))
    is_there = sa.text("removed_at IS NULL")
    op.create_index(
        "ix_facility_seen",
        "facility",
        ["agency", "area"],
        postgresql_where=is_there,
        sqlite_where=is_there,
    )


def downgrade() -> None:
    """An older program takes a restored zone for well."""
    op.drop_index("ix_facility_seen", table_name="facility")
    op.drop_column("device_signal", "restores")
