"""Whose account of a provider or directory it is."""

import sqlalchemy as sa
from alembic import op

revision = "0029_bound_identity"
down_revision = "0028_token_maker"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts of before belong to nobody yet: each is bound by its next login."""
    op.add_column("user_account", sa.Column("issuer", sa.Text()))
    op.add_column("user_account", sa.Column("subject", sa.Text()))
    op.create_index("ix_user_account_subject", "user_account", ["subject", "issuer"])


def downgrade() -> None:
    """Accounts are believed by their names again."""
    op.drop_index("ix_user_account_subject", "user_account")
    op.drop_column("user_account", "subject")
    op.drop_column("user_account", "issuer")
