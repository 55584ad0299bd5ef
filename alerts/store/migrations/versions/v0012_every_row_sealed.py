"""From here on each row is sealed in the log; the tables are as before.

What is there is compared with the log and sealed once the migrations are done
(`thapcanh.alerts.store.seals.declared_seals`).
"""

revision = "0012_every_row_sealed"
down_revision = "0011_camera_owner"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing of the tables changes."""


def downgrade() -> None:
    """An earlier program seals fewer rows; the next upgrade names what it left unsealed."""
