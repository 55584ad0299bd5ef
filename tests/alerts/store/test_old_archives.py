"""Every schema that was ever in force is read by this program, in one step and whole."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.alerts.store.small_archive import ARCHIVES
from thapcanh.alerts.alert.records import AlertFilter
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.releases import RELEASES
from thapcanh.alerts.store.schema_version import newest_revision, revision_of, scripts

OLDEST = "0010_evidence_gone"  # written by the program of commit 639f447, the first called 0.1.0
KEPT = sorted(path.name.removesuffix(".sqlite.gz") for path in ARCHIVES.glob("*.sqlite.gz"))


@pytest.fixture(params=KEPT)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An archive as the program of its time left it."""
    path = tmp_path / "archive.sqlite"
    path.write_bytes(gzip.decompress((ARCHIVES / f"{request.param}.sqlite.gz").read_bytes()))
    return path


def test_the_newest_schema_has_a_small_archive() -> None:
    assert newest_revision() in KEPT, "run: python -m tests.alerts.store.small_archive"


@pytest.mark.parametrize("version", RELEASES)
def test_the_schemas_of_each_release_have_a_small_archive(version: str) -> None:
    assert set(RELEASES[version]) <= set(KEPT), "git show COMMIT, and write it with that program"


def test_each_kept_schema_is_one_of_ours() -> None:
    known = {script.revision for script in scripts().walk_revisions()}
    assert OLDEST in KEPT
    assert set(KEPT) <= known


def test_an_old_archive_is_read_in_one_step_and_whole(old: Path) -> None:
    before = _rows(old)
    archive = Archive(sqlite_url(old))
    try:
        assert archive.verify_chain().ok
        states = {alert.state for alert in archive.alerts(AlertFilter(limit=10)).items}
        people = sorted(user.username for user in archive.users())
    finally:
        archive.close()
    assert states == {"new", "acknowledged", "confirmed", "rejected", "closed"}
    assert people == ["an", "binh"]
    after = _rows(old)
    assert {name: count for name, count in before.items() if after.get(name, 0) < count} == {}
    database = Database(sqlite_url(old))
    with database.reading() as connection:
        assert revision_of(connection) == newest_revision()
    database.close()


def _rows(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%'"
    with closing(sqlite3.connect(path)) as archive:
        names = [name for (name,) in archive.execute(listed)]
        counted = ((name, archive.execute(f'SELECT count(*) FROM "{name}"')) for name in names)  # noqa: S608
        return {name: rows.fetchone()[0] for name, rows in counted}
