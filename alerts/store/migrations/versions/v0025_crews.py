"""Crews: whose unit an account speaks for, and what crews report."""

import sqlalchemy as sa
from alembic import op

revision = "0025_crews"
down_revision = "0024_siem_position"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of accounts, a row a report, one a file."""
    op.add_column("user_account", sa.Column("unit", sa.Text()))
    op.create_table(
        "crew_report",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("happened_at", sa.Double(), nullable=False),
        sa.Column("received_at", sa.Double(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("media_type", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("answered_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_crew_report"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_crew_report_incident_id_incident"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_crew_report_unit_id_unit"),
        sa.UniqueConstraint("unit_id", "key", name="uq_crew_report_key"),
    )
    op.create_index("ix_crew_report_incident", "crew_report", ["incident_id", "happened_at"])
    waits = sa.text("kind = 'request' AND answered_at IS NULL")
    op.create_index(
        "ix_crew_report_waits",
        "crew_report",
        ["received_at"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_table(
        "crew_file",
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name="pk_crew_file"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["crew_report.id"], name="fk_crew_file_report_id_crew_report"
        ),
    )


def downgrade() -> None:
    """What crews reported is lost to an older program; the incidents' log keeps its words."""
    op.drop_table("crew_file")
    op.drop_table("crew_report")
    op.drop_column("user_account", "unit")
