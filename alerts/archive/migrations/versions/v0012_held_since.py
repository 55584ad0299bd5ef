"""Since when an alert is in its owner's hands, apart from when it was first answered."""

import sqlalchemy as sa
from alembic import op

revision = "0012_held_since"
down_revision = "0011_verdicts_by_place"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was held before, the moment of the last hand is all that is known."""
    op.add_column("alert", sa.Column("held_since", sa.Double(), nullable=True))
    op.execute("UPDATE alert SET held_since = acknowledged_at WHERE owner IS NOT NULL")


def downgrade() -> None:
    """The moment of the last hand was what stood there."""
    op.execute("UPDATE alert SET acknowledged_at = held_since WHERE held_since IS NOT NULL")
    op.drop_column("alert", "held_since")
