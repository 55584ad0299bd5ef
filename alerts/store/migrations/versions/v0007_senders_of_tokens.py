"""In whose name the holder of a token may send messages of other centres."""

import sqlalchemy as sa
from alembic import op

revision = "0007_senders_of_tokens"
down_revision = "0006_given_password"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier tokens name no sender: none of theirs is taken until a new token is made."""
    op.add_column("api_token", sa.Column("senders", sa.Text()))


def downgrade() -> None:
    """The token alone opens the door again."""
    op.drop_column("api_token", "senders")
