"""What is a drill and what is real, on alerts and events; and the list of drills."""

import sqlalchemy as sa
from alembic import op

revision = "0005_drills"
down_revision = "0004_sets_of_roles"
branch_labels = None
depends_on = None

_MARKED = ("alert", "event")


def upgrade() -> None:
    """Everything that is there is real."""
    for table in _MARKED:
        op.add_column(table, _mark())
    op.create_table(
        "drill",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scenario_id", sa.Text(), nullable=False),
        sa.Column("scenario_name", sa.Text(), nullable=False),
        sa.Column("right_verdict", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("camera_name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
        sa.UniqueConstraint("event_id", name=op.f("uq_drill_event_id")),
    )
    op.create_index("ix_drill_started", "drill", [sa.text("started_at DESC")], unique=False)


def _mark() -> sa.Column[bool]:
    return sa.Column("exercise", sa.Boolean(), nullable=False, server_default=sa.false())


def downgrade() -> None:
    """Drills stay as alerts that were closed as drills, or are: an earlier program knows none."""
    op.drop_table("drill")
    _close_open_drills(op.get_bind())
    for table in _MARKED:
        op.drop_column(table, "exercise")


def _close_open_drills(connection: sa.Connection) -> None:
    """Without the mark an open drill would be taken for real."""
    connection.execute(
        sa.text(
            "UPDATE alert SET state = 'closed', condition = 'cleared', episode_open = :no, "
            "lease_until = NULL, verdict = 'rejected', reject_reason = 'drill', "
            "verdict_at = coalesce(verdict_at, raised_at), "
            "closed_at = coalesce(closed_at, raised_at) "
            "WHERE exercise = :yes"
        ),
        {"yes": True, "no": False},
    )
