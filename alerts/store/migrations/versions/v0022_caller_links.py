"""Links for callers, and what comes by them."""

import sqlalchemy as sa
from alembic import op

revision = "0022_caller_links"
down_revision = "0021_public_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a link, one a thing that was sent, and one a file."""
    op.create_table(
        "caller_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("code_sha256", sa.Text(), nullable=False),
        sa.Column("claim_sha256", sa.Text()),
        sa.Column("live_link", sa.Text()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("opened_at", sa.Double()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_caller_link"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_caller_link_call_id_call"),
        sa.UniqueConstraint("code_sha256", name="uq_caller_link_code_sha256"),
    )
    op.create_index("ix_caller_link_call", "caller_link", ["call_id"])
    op.create_table(
        "caller_item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("accuracy_m", sa.Double()),
        sa.Column("bytes", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("media_type", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_caller_item"),
        sa.ForeignKeyConstraint(
            ["link_id"], ["caller_link.id"], name="fk_caller_item_link_id_caller_link"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_caller_item_call_id_call"),
    )
    op.create_index("ix_caller_item_call", "caller_item", ["call_id", "at"])
    op.create_table(
        "caller_file",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_caller_file"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["caller_item.id"], name="fk_caller_file_item_id_caller_item"
        ),
    )


def downgrade() -> None:
    """What callers showed is lost to an older program."""
    op.drop_table("caller_file")
    op.drop_table("caller_item")
    op.drop_table("caller_link")
