"""What incidents came to."""

import sqlalchemy as sa
from alembic import op

revision = "0020_outcomes"
down_revision = "0019_citizen_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row an incident."""
    op.create_table(
        "outcome",
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("dead", sa.Integer()),
        sa.Column("injured", sa.Integer()),
        sa.Column("rescued", sa.Integer()),
        sa.Column("damage_vnd", sa.Double()),
        sa.Column("area_m2", sa.Double()),
        sa.Column("cause", sa.Text()),
        sa.Column("premises", sa.Text()),
        sa.Column("vehicles", sa.Integer()),
        sa.Column("water_m3", sa.Double()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_outcome"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_outcome_incident_id_incident"
        ),
    )


def downgrade() -> None:
    """Each version stays in the log."""
    op.drop_table("outcome")
