"""Members of incidents are found by what they are, in storms too.

The live index began with the type, of which there are five: SQLite took it for every question about
an incident's alerts, and read all members of all incidents each time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027_member_index"
down_revision = "0026_citizen_media"
branch_labels = None
depends_on = None

_LIVE = sa.text("left_at IS NULL")


def upgrade() -> None:
    """The member comes first, and one that left is found as well."""
    op.drop_index("uq_incident_member_live", table_name="incident_member")
    op.create_index(
        "uq_incident_member_live", "incident_member", ["member_id", "type"],
        unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE,
    )  # fmt: skip
    op.create_index("ix_incident_member_member", "incident_member", ["member_id"])


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_incident_member_member", table_name="incident_member")
    op.drop_index("uq_incident_member_live", table_name="incident_member")
    op.create_index(
        "uq_incident_member_live", "incident_member", ["type", "member_id"],
        unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE,
    )  # fmt: skip
