"""Photos and films of citizens' messages."""

import sqlalchemy as sa
from alembic import op

revision = "0026_citizen_media"
down_revision = "0025_crews"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a photo or film, and one a file."""
    op.create_table(
        "citizen_media",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_citizen_media"),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["citizen_message.id"],
            name="fk_citizen_media_message_id_citizen_message",
        ),
        sa.UniqueConstraint("message_id", "sha256", name="uq_citizen_media_sha256"),
    )
    op.create_table(
        "citizen_file",
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("media_id", name="pk_citizen_file"),
        sa.ForeignKeyConstraint(
            ["media_id"], ["citizen_media.id"], name="fk_citizen_file_media_id_citizen_media"
        ),
    )


def downgrade() -> None:
    """What citizens showed is lost to an older program."""
    op.drop_table("citizen_file")
    op.drop_table("citizen_media")
