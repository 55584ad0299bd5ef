"""Notices to the public."""

import sqlalchemy as sa
from alembic import op

revision = "0021_public_notices"
down_revision = "0020_outcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a notice, and one for each version that was published."""
    op.create_table(
        "public_notice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ward", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Integer(), nullable=False),
        sa.Column("draft_title", sa.Text()),
        sa.Column("draft_text", sa.Text()),
        sa.Column("drafted_by", sa.Text()),
        sa.Column("drafted_at", sa.Double()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_public_notice"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_public_notice_incident_id_incident"
        ),
    )
    op.create_index("ix_public_notice_newest", "public_notice", [sa.text("made_at DESC")])
    op.create_table(
        "public_notice_version",
        sa.Column("notice_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("drafted_by", sa.Text()),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", "version", name="pk_public_notice_version"),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["public_notice.id"],
            name="fk_public_notice_version_notice_id_public_notice",
        ),
    )


def downgrade() -> None:
    """What was published stays in the log."""
    op.drop_table("public_notice_version")
    op.drop_table("public_notice")
