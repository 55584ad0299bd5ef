"""A migration that comes after all that the program knows: what the next release may bring."""

import shutil
from pathlib import Path

import pytest

from thapcanh.alerts.store import schema_version

TOY = "9999_toy"
_TEXT = '''"""A column and a table."""

import sqlalchemy as sa
from alembic import op

revision = "{toy}"
down_revision = "{newest}"


def upgrade() -> None:
    """Forward."""
    op.add_column("alert", sa.Column("toy", sa.Text(), nullable=True))
    op.execute("UPDATE alert SET toy = number")
    op.create_table("toy", sa.Column("id", sa.Text(), primary_key=True))


def downgrade() -> None:
    """Back."""
    op.drop_table("toy")
    op.drop_column("alert", "toy")
'''


def add_toy_migration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the program know one migration more; return the newest revision of before."""
    newest = schema_version.newest_revision()
    copy = folder / "migrations"
    shutil.copytree(schema_version.MIGRATIONS, copy)
    (copy / "versions" / "v9999_toy.py").write_text(_TEXT.format(toy=TOY, newest=newest))
    monkeypatch.setattr(schema_version, "MIGRATIONS", copy)
    return newest
