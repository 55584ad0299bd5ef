"""Release 0.2.0: a signed log, accounts bound to their identity, one schema a writer.

`ledger.log_signature` is the signature of the log's end. From here on nearly every column is
sealed: what is there is compared with the log as it was sealed until then, and sealed anew once the
migrations are done (`thapcanh.alerts.store.seals.declared_seals`).

`user_account.issuer` and `.subject` say whose account of a provider or directory it is. Accounts of
before belong to nobody yet: each is bound by its next login.

`centre.schema` is the schema that a centre writes. On PostgreSQL, where older centres may still
run, a trigger refuses programs of another schema.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_signed_log"
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
    """Nobody has signed yet, and no account is bound."""
    op.add_column("user_account", sa.Column("issuer", sa.Text()))
    op.add_column("user_account", sa.Column("subject", sa.Text()))
    op.create_index("ix_user_account_subject", "user_account", ["subject", "issuer"])
    op.add_column("ledger", sa.Column("log_signature", sa.Text()))
    op.add_column("centre", sa.Column("schema", sa.Text()))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FENCE)
        op.execute(_TRIGGER)


def downgrade() -> None:
    """What an earlier program writes is not signed, and told of when the archive returns.

    The function stays: a copy of the tables that was put aside may use it.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER fence ON ledger")
    op.drop_column("centre", "schema")
    op.drop_column("ledger", "log_signature")
    op.drop_index("ix_user_account_subject", "user_account")
    op.drop_column("user_account", "subject")
    op.drop_column("user_account", "issuer")
