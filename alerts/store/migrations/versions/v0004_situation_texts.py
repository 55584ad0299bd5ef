"""What leaders write beside the figures of a period."""

import sqlalchemy as sa
from alembic import op

revision = "0004_situation_texts"
down_revision = "0003_incoming_calls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a version."""
    op.create_table(
        "situation_text",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_situation_text"),
        sa.UniqueConstraint("period", "scope", "version", name="uq_situation_text_version"),
    )


def downgrade() -> None:
    """The words go; the figures are counted again anyway."""
    op.drop_table("situation_text")
