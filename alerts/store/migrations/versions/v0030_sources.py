"""Release 0.3.0: an incident's holder and the sources that it is joined from.

`incident.held_since` is since when somebody holds it. Of a member: `because` is why it was joined
(JSON), `unseen_since` since when it waits to be seen in work that somebody has taken, `verdict` and
what follows an officer's verdict.

Every new column of a sealed table is empty in rows of before, whose seals therefore stay true.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030_sources"
down_revision = "0029_signed_log"
branch_labels = None
depends_on = None

_MEMBER: tuple[tuple[str, Any], ...] = (
    ("because", sa.Text()),
    ("unseen_since", sa.Double()),
    ("verdict", sa.Text()),
    ("verdict_reason", sa.Text()),
    ("verdict_by", sa.Text()),
    ("verdict_at", sa.Double()),
)


def upgrade() -> None:
    """Leave existing members without a verdict and as seen."""
    op.add_column("incident", sa.Column("held_since", sa.Double()))
    for name, kind in _MEMBER:
        op.add_column("incident_member", sa.Column(name, kind))
    op.create_index(
        "ix_incident_member_unseen",
        "incident_member",
        ["incident_id"],
        sqlite_where=sa.text("unseen_since IS NOT NULL"),
        postgresql_where=sa.text("unseen_since IS NOT NULL"),
    )


def downgrade() -> None:
    """Alerts keep their own verdicts; what was said of calls and signals is in the log."""
    op.drop_index("ix_incident_member_unseen", "incident_member")
    for name, _ in reversed(_MEMBER):
        op.drop_column("incident_member", name)
    op.drop_column("incident", "held_since")
