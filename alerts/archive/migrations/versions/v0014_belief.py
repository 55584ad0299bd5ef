"""How far an event is believed, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0014_belief"
down_revision = "0013_lived_days"
branch_labels = None
depends_on = None

_TABLES = ("event", "alert")


def upgrade() -> None:
    """Nothing is known of what was told before."""
    for table in _TABLES:
        op.add_column(table, sa.Column("belief", sa.Double(), nullable=True))
        op.add_column(table, sa.Column("reasons", sa.Text(), nullable=True))


def downgrade() -> None:
    """Then every event counts as believed again."""
    for table in _TABLES:
        op.drop_column(table, "reasons")
        op.drop_column(table, "belief")
