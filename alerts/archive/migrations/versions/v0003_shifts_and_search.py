"""The words by which an alert is found, who is on duty, and hand-overs."""

import sqlalchemy as sa
from alembic import op

from alerts.plain_text import plain

revision = "0003_shifts_and_search"
down_revision = "0002_people"
branch_labels = None
depends_on = None

_PAGE = 1000


def upgrade() -> None:
    """Make the tables, and find the words of the alerts that are there."""
    op.add_column("alert", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    _find_words(op.get_bind())
    op.create_table(
        "shift",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.Column("sound_heard", sa.Boolean(), nullable=True),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("relieved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    _unique_while_open("uq_shift_open", "shift", "username", "ended_at IS NULL")
    op.create_index("ix_shift_taken", "shift", [sa.text("taken_at DESC")], unique=False)
    op.create_index("ix_shift_ended", "shift", ["ended_at"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shift_id", sa.Text(), nullable=False),
        sa.Column("from_username", sa.Text(), nullable=False),
        sa.Column("to_username", sa.Text(), nullable=True),
        sa.Column("offered_at", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_handover_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    _unique_while_open("uq_handover_open", "handover", "shift_id", "closed_at IS NULL")
    op.create_index("ix_handover_offered", "handover", [sa.text("offered_at DESC")], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_table("handover")
    op.drop_table("shift")
    op.drop_column("alert", "words")


def _unique_while_open(name: str, table: str, column: str, is_open: str) -> None:
    where = sa.text(is_open)
    op.create_index(name, table, [column], unique=True, sqlite_where=where, postgresql_where=where)


def _find_words(connection: sa.Connection) -> None:
    """A page at a time: an old archive may be large."""
    page = sa.text(
        "SELECT id, number, camera_id, camera_name, place FROM alert "
        "WHERE id > :after ORDER BY id LIMIT :page"
    )
    notes = sa.text("SELECT note FROM action_log WHERE object_id = :id AND note IS NOT NULL")
    write = sa.text("UPDATE alert SET words = :words WHERE id = :id")
    after = ""
    while rows := connection.execute(page, {"after": after, "page": _PAGE}).all():
        for row in rows:
            noted = connection.execute(notes, {"id": row.id}).scalars()
            words = plain(row.number, row.camera_id, row.camera_name, row.place, *noted)
            connection.execute(write, {"words": words, "id": row.id})
        after = rows[-1].id
