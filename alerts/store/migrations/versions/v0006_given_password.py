"""Whether a password was given by somebody else, and is to be replaced by its owner."""

import sqlalchemy as sa
from alembic import op

revision = "0006_given_password"
down_revision = "0005_alert_rule"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Passwords that are there already stay as they are."""
    given = sa.Column("password_is_given", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("user_account", given)


def downgrade() -> None:
    """An older program asks nobody for another password."""
    op.drop_column("user_account", "password_is_given")
