"""What a site's files said of a camera: needed to show its film once it stands in them no more."""

import sqlalchemy as sa
from alembic import op

revision = "0016_camera_document"
down_revision = "0015_facilities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The next reading of the files fills it."""
    op.add_column("camera_owner", sa.Column("document", sa.Text()))


def downgrade() -> None:
    """An older program shows no film of a camera that left the files."""
    op.drop_column("camera_owner", "document")
