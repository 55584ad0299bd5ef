"""What was rejected lately at a place is found without reading all that ever happened there."""

from alembic import op

revision = "0011_verdicts_by_place"
down_revision = "0010_coverage"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index."""
    op.create_index("ix_alert_verdict", "alert", ["dedup_key", "verdict_at"], unique=False)


def downgrade() -> None:
    """Slower, and no different."""
    op.drop_index("ix_alert_verdict", table_name="alert")
