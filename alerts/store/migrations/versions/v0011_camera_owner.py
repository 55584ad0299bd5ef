"""Former owners of cameras: film belongs to who owned its camera when it was taken."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011_camera_owner"
down_revision = "0010_evidence_gone"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def upgrade() -> None:
    """What the registry's changes tell of owners is put down."""
    op.create_table(
        "camera_owner",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("camera_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("until", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_camera_owner"),
    )
    op.create_index("ix_camera_owner_until", "camera_owner", ["camera_id", "until"])
    names = ("id", "camera_id", "agency", "area", "until")
    rows = sa.table("camera_owner", *map(sa.column, names))
    found = list(_former(op.get_bind()))
    for first in range(0, len(found), _AT_ONCE):
        op.bulk_insert(rows, found[first : first + _AT_ONCE])


def downgrade() -> None:
    """Film is its camera's owner's again, whenever it was taken."""
    op.drop_index("ix_camera_owner_until", table_name="camera_owner")
    op.drop_table("camera_owner")


def _former(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    names = ("revision", "kind", "id", "at", "before", "after")
    change = sa.table("registry_change", *map(sa.column, names))
    query = sa.select(change.c.id, change.c.at, change.c.before, change.c.after).where(
        change.c.kind == "cameras", change.c.before.is_not(None)
    )
    for row in connection.execute(query.order_by(change.c.revision)):
        before, after = json.loads(row.before), json.loads(row.after or "null")
        if after is None or _owner(before) != _owner(after):
            yield {
                "id": str(uuid.uuid4()),
                "camera_id": row.id,
                "agency": before.get("agency"),
                "area": before.get("area"),
                "until": row.at,
            }


def _owner(camera: Mapping[str, Any]) -> tuple[str | None, str | None]:
    return camera.get("agency"), camera.get("area")
