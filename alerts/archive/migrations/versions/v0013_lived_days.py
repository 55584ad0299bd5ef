"""On which days the centre lived: nothing grows old by the date alone."""

import sqlalchemy as sa
from alembic import op

revision = "0013_lived_days"
down_revision = "0012_held_since"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every day with an entry in the log was lived, in the order of the log."""
    op.create_table(
        "lived_day",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_lived_day")),
        sa.UniqueConstraint("seq", name=op.f("uq_lived_day_seq")),
    )
    op.execute(
        "INSERT INTO lived_day (day, seq) SELECT day, ROW_NUMBER() OVER (ORDER BY last) FROM "
        "(SELECT CAST(at AS BIGINT) / 86400 AS day, MAX(seq) AS last FROM action_log GROUP BY 1) d"
    )


def downgrade() -> None:
    """Then the date is trusted again."""
    op.drop_table("lived_day")
