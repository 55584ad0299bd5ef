"""An index by which SQLite searches calls without reading whole rows."""

import sqlalchemy as sa
from alembic import op

revision = "0002_call_search"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """PostgreSQL reads the rows at once, and refuses long texts in an index."""
    if op.get_bind().dialect.name == "sqlite":
        newest_first = [sa.text("at DESC"), sa.text("id DESC")]
        op.create_index(
            "ix_call_search", "call", [*newest_first, "words", "kind", "agency", "area"]
        )


def downgrade() -> None:
    """Slower, and no different."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_call_search", table_name="call")
