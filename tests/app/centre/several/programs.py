"""Other programs than this one: of earlier releases, and one with a newer schema."""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.source_trees import ROOMS, ROOT
from thapcanh.alerts.store.schema_version import newest_revision

UNFENCED = "ec144e30"  # the last commit whose program knows no fence; its schema is 0028
RELEASED = "bfc499d8"  # a program of release 0.2.0; its schema is 0029
_NEXT = '''"""One more column, as a later program may add it."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999_next", "{newest}"
branch_labels = depends_on = None


def upgrade() -> None:
    """Every alert gets a text."""
    op.add_column("alert", sa.Column("next_text", sa.Text()))


def downgrade() -> None:
    """It is dropped."""
    op.drop_column("alert", "next_text")
'''


def next_program(folder: Path) -> Path:
    """This program with one more migration; what was compiled of it need not be again."""
    folder.mkdir()
    shutil.copytree(ROOT / "thapcanh", folder / "thapcanh", symlinks=True)
    for room in ROOMS:
        if room not in ("alerts", "thapcanh"):
            (folder / room).symlink_to(ROOT / room)
    shutil.copytree(ROOT / "alerts", folder / "alerts")
    made = folder / "alerts/store/migrations/versions/v9999_next.py"
    made.write_text(_NEXT.format(newest=newest_revision()), encoding="utf-8")
    return folder


def program_of(commit: str, folder: Path) -> Path:
    """The program of a commit, from the repository's history; skip where that is not there."""
    wanted = [*ROOMS, ":!app/web"]
    done = subprocess.run(
        ["git", "archive", commit, "--", *wanted], check=False, capture_output=True, cwd=ROOT
    )
    if done.returncode:
        pytest.skip(f"the history does not reach back to {commit}: {done.stderr.decode()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
