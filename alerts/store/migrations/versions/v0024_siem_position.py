"""How far a SIEM has the action log."""

import sqlalchemy as sa
from alembic import op

revision = "0024_siem_position"
down_revision = "0023_city_details"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a receiver."""
    op.create_table(
        "siem_position",
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("receiver", name="pk_siem_position"),
    )


def downgrade() -> None:
    """A newer program then sends the log from its beginning."""
    op.drop_table("siem_position")
