"""Who saw what; second factors of accounts; and by whom a wall's account was made."""

import sqlalchemy as sa
from alembic import op

revision = "0016_viewings"
down_revision = "0015_habits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and a column; nothing that is there changes."""
    op.create_table(
        "viewing",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=True),
        sa.Column("agency", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_viewing")),
    )
    op.create_index("ix_viewing_at", "viewing", [sa.text("at DESC")])
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["username"], ["user_account.username"], name=op.f("fk_second_factor_username")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    op.create_index("ix_second_factor_username", "second_factor", ["username"])
    op.add_column("user_account", sa.Column("made_by", sa.Text(), nullable=True))


def downgrade() -> None:
    """Viewings stay in the action log; second factors are gone."""
    op.drop_column("user_account", "made_by")
    op.drop_table("second_factor")
    op.drop_table("viewing")
