"""An index by which PostgreSQL finds parts of words in calls, where it has `pg_trgm`."""

import logging

import sqlalchemy as sa
from alembic import op

revision = "0008_call_words"
down_revision = "0007_senders_of_tokens"
branch_labels = None
depends_on = None

log = logging.getLogger(__name__)
_MISSING = (
    "PostgreSQL has no pg_trgm here (%s): a search of calls reads every call. Install the "
    "package of PostgreSQL's contributed extensions, then, as the database's owner: CREATE "
    "EXTENSION pg_trgm; CREATE INDEX ix_call_words ON call USING gin (words gin_trgm_ops);"
)


def upgrade() -> None:
    """Without the extension all works as before, and the log says what is missing."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.DBAPIError as error:
        log.warning(_MISSING, " ".join(str(error.orig).split())[:200])
        return
    op.create_index(
        "ix_call_words",
        "call",
        ["words"],
        postgresql_using="gin",
        postgresql_ops={"words": "gin_trgm_ops"},
    )


def downgrade() -> None:
    """Slower, and no different; the extension stays, others may use it."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_call_words", table_name="call", if_exists=True)
