"""An index by which the alerts of a watch area are found among all others."""

import sqlalchemy as sa
from alembic import op

revision = "0005_alert_rule"
down_revision = "0004_situation_texts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """By the rule that raised them, the newest first."""
    op.create_index("ix_alert_by_rule", "alert", ["rule_id", sa.text("raised_at DESC")])


def downgrade() -> None:
    """Slower, and no different."""
    op.drop_index("ix_alert_by_rule", table_name="alert")
