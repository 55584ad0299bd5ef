"""No program writes an archive of another schema; each centre says which schema it writes."""

import sqlalchemy as sa
from alembic import op

revision = "0033_schema_fence"
down_revision = "0028_token_maker"
branch_labels = None
depends_on = None

_FENCE = """
CREATE OR REPLACE FUNCTION thapcanh_fence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    writes text := coalesce(current_setting('thapcanh.schema', true), '');
    found text;
BEGIN
    SELECT version_num INTO found FROM alembic_version;
    IF writes NOT IN ('*', found) THEN
        RAISE EXCEPTION 'the archive has schema %, and this program writes %: update it',
            found, coalesce(nullif(writes, ''), 'an older one');
    END IF;
    RETURN NEW;
END $$
"""
_TRIGGER = (
    "CREATE TRIGGER fence BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION thapcanh_fence()"
)


def upgrade() -> None:
    """A file is written by one program; on PostgreSQL older centres may still run."""
    op.add_column("centre", sa.Column("schema", sa.Text()))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FENCE)
        op.execute(_TRIGGER)


def downgrade() -> None:
    """The function stays: a copy of the tables that was put aside may use it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER fence ON ledger")
    op.drop_column("centre", "schema")
