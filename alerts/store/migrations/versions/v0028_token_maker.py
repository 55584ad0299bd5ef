"""For whom a program's token was made."""

import sqlalchemy as sa
from alembic import op

revision = "0028_token_maker"
down_revision = "0027_member_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier tokens are nobody's, and go on until their day."""
    op.add_column("api_token", sa.Column("made_by", sa.Text()))


def downgrade() -> None:
    """Tokens outlive those for whom they were made again."""
    op.drop_column("api_token", "made_by")
