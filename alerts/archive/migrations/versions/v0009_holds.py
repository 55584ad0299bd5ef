"""Legal holds: evidence that no age, budget or full disk removes."""

import sqlalchemy as sa
from alembic import op

revision = "0009_holds"
down_revision = "0008_shelves"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is held yet."""
    op.create_table(
        "hold",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_hold_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(
        "uq_hold_in_force",
        "hold",
        ["alert_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    """Refused while something is held: an earlier program would delete it when its time comes."""
    in_force = sa.text("SELECT count(*) FROM hold WHERE ended_at IS NULL")
    held = op.get_bind().execute(in_force).scalar_one()
    if held:
        raise RuntimeError(f"{held} alerts are on legal hold, which an earlier program breaks")
    op.drop_table("hold")
