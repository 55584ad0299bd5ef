"""Release 0.4.0: links between sites, incidents that go over them, and items on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0031_links"
down_revision = "0030_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add empty tables; no row of before changes."""
    _invitations_and_links()
    _incidents_and_pictures()
    _ways()


def _invitations_and_links() -> None:
    op.create_table(
        "link_invitation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("proof_key", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.Double()),
        sa.PrimaryKeyConstraint("id", name="pk_link_invitation"),
    )
    op.create_table(
        "site_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("sharing", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text()),
        sa.Column("area", sa.Text()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_site_link"),
    )


def _incidents_and_pictures() -> None:
    op.create_table(
        "link_incident",
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text(), nullable=False),
        sa.Column("decides", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Double(), nullable=False),
        sa.Column("help_at", sa.Double()),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("alone_at", sa.Double()),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("link_id", "remote_id", name="pk_link_incident"),
        _of_link("link_incident"),
        _of_incident("link_incident"),
    )
    op.create_index("ix_link_incident_incident", "link_incident", ["incident_id"])
    op.create_index("ix_link_incident_opened", "link_incident", ["link_id", "opened_at"])
    op.create_table(
        "link_picture",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_link_picture"),
        _of_link("link_picture"),
        _of_incident("link_picture"),
    )
    op.create_index("ix_link_picture_incident", "link_picture", ["incident_id", "at"])


def _ways() -> None:
    op.create_table(
        "link_state",
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("outbox_seq", sa.Integer(), nullable=False),
        sa.Column("contact_at", sa.Double()),
        sa.Column("ahead_s", sa.Double()),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("held_pictures", sa.Integer(), nullable=False),
        sa.Column("is_end_sent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("link_id", name="pk_link_state"),
        _of_link("link_state"),
    )
    op.create_table(
        "link_item",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("due_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_link_item"),
        _of_link("link_item"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_link_item_next", "link_item", ["link_id", "rank", "seq"])
    op.create_table(
        "link_received",
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("link_id", "subject", name="pk_link_received"),
        _of_link("link_received"),
    )


def _of_link(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["link_id"], ["site_link.id"], name=f"fk_{table}_link_id_site_link"
    )


def _of_incident(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["incident_id"], ["incident.id"], name=f"fk_{table}_incident_id_incident"
    )


def downgrade() -> None:
    """Incidents that came over a link stay; the links are lost to an older program."""
    for table in (
        "link_received",
        "link_item",
        "link_state",
        "link_picture",
        "link_incident",
        "site_link",
        "link_invitation",
    ):
        op.drop_table(table)
