"""Facilities and their documents."""

import sqlalchemy as sa
from alembic import op

revision = "0015_facilities"
down_revision = "0014_centres"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a facility, a row a document."""
    op.create_table(
        "facility",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        sa.Column("outline", sa.Text()),
        sa.Column("floors", sa.Integer()),
        sa.Column("basements", sa.Integer()),
        sa.Column("contacts", sa.Text(), nullable=False),
        sa.Column("hazards", sa.Text(), nullable=False),
        sa.Column("access", sa.Text()),
        sa.Column("water", sa.Text()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("removed_by", sa.Text()),
        sa.Column("removed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_facility"),
    )
    op.create_index("ix_facility_lat", "facility", ["lat", "lon"])
    op.create_index("ix_facility_name", "facility", ["name", "id"])
    op.create_table(
        "facility_document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("inspected_on", sa.Text()),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.Column("removed_by", sa.Text()),
        sa.Column("removed_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_facility_document"),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name="fk_facility_document_facility_id"
        ),
    )
    op.create_index("ix_facility_document_facility", "facility_document", ["facility_id"])


def downgrade() -> None:
    """An older program knows no facilities; their files stay in the store."""
    op.drop_index("ix_facility_document_facility", table_name="facility_document")
    op.drop_table("facility_document")
    op.drop_index("ix_facility_name", table_name="facility")
    op.drop_index("ix_facility_lat", table_name="facility")
    op.drop_table("facility")
