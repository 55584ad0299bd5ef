"""The signature of the log's end; from here on nearly every column is sealed.

What is there is compared with the log as it was sealed until then, and sealed anew once the
migrations are done (`alerts.store.seals.said_seals`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0031_signed_log"
down_revision = "0028_token_maker"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has signed yet."""
    op.add_column("ledger", sa.Column("log_signature", sa.Text()))


def downgrade() -> None:
    """What an earlier program writes is not signed, and told of when the archive returns."""
    op.drop_column("ledger", "log_signature")
