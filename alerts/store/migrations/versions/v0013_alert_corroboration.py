"""Who told of an alert beside its camera: a call or a device, and the number or name of it."""

import sqlalchemy as sa
from alembic import op

revision = "0013_alert_corroboration"
down_revision = "0012_every_row_sealed"
branch_labels = None
depends_on = None

_BY_CALL = "corroborated by call "


def upgrade() -> None:
    """Alerts that a call raised say so at the beginning of their reason."""
    op.add_column("alert", sa.Column("corroboration", sa.Text()))
    op.add_column("alert", sa.Column("corroborated_by", sa.Text()))
    alert = sa.table(
        "alert",
        sa.column("id"),
        sa.column("reason"),
        sa.column("state"),
        sa.column("corroboration"),
        sa.column("corroborated_by"),
    )
    connection = op.get_bind()
    told = sa.select(alert.c.id, alert.c.reason).where(
        alert.c.reason.startswith(_BY_CALL), alert.c.state != "closed"
    )
    for row in connection.execute(told).all():
        number = row.reason.removeprefix(_BY_CALL).split(" · ")[0]
        values = {"corroboration": "call", "corroborated_by": number}
        connection.execute(sa.update(alert).where(alert.c.id == row.id).values(values))


def downgrade() -> None:
    """The reason of an alert still names the call."""
    op.drop_column("alert", "corroborated_by")
    op.drop_column("alert", "corroboration")
