"""An account holds a set of roles; the first account's two are written on its row."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004_sets_of_roles"
down_revision = "0003_shifts_and_search"
branch_labels = None
depends_on = None

# Which of several roles an earlier program is left with; it knows the first account's second.
_MOST_TELLING = ("leader", "operator", "technician", "admin", "agency", "auditor", "viewer")


def upgrade() -> None:
    """One role becomes a set of one; the first account was a leader who is an admin by name."""
    op.add_column("user_account", sa.Column("roles", sa.Text(), nullable=False, server_default=""))
    for username, role in _rows("SELECT username, role FROM user_account"):
        is_first = (username, role) == ("admin", "leader")
        _set("roles", json.dumps(["admin", "leader"] if is_first else [role]), username)
    op.drop_column("user_account", "role")


def downgrade() -> None:
    """The most telling role stays."""
    op.add_column("user_account", sa.Column("role", sa.Text(), nullable=False, server_default=""))
    for username, roles in _rows("SELECT username, roles FROM user_account"):
        held = json.loads(roles)
        _set("role", next(role for role in _MOST_TELLING if role in held), username)
    op.drop_column("user_account", "roles")


def _rows(query: str) -> list[tuple[str, str]]:
    return [(str(name), str(held)) for name, held in op.get_bind().execute(sa.text(query)).all()]


def _set(column: str, value: str, username: str) -> None:
    account = sa.table("user_account", sa.column("username"), sa.column(column))
    mine = account.c.username == username
    op.get_bind().execute(sa.update(account).where(mine).values({column: value}))
