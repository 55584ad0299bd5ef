"""An archive of an earlier version: compared with its log, sealed as it is, and told of."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.alerts.desk import take
from tests.alerts.evidence.test_consistency import account_of
from tests.alerts.toy_migration import add_toy_migration
from thapcanh.alerts.evidence.consistency import verify_everything
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import Role
from thapcanh.alerts.store.seals import earlier_seals
from thapcanh.alerts.store.seals.declared_seals import MIGRATED
from thapcanh.alerts.store.tables import metadata

BEFORE = "0010_evidence_gone"
UNIT = {"kind": "engine", "status": "free", "updated_at": 1.0}


def _wrong(url: str, folder: Path) -> dict[str, str]:
    archive = Archive(url)
    try:
        found = verify_everything(archive.database, FolderStore(folder / "evidence"))
        assert found.chain.ok
        return {one.what: one.how for one in found.disagreements}
    finally:
        archive.close()


def _alter(url: str, *statements: str) -> None:
    database = Database(url)
    with database.altering() as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount == 1
    database.close()


def _as_written_before(url: str) -> None:
    """Two accounts and two units; the log vouches for the accounts alone, in the earlier way."""
    database = Database(url)
    database.upgrade(BEFORE)
    account: dict[str, Any] = {
        "roles": "[]", "locale": "vi", "password_hash": "h", "agencies": None, "areas": None,
        "disabled": False, "created_at": 1.0, "made_by": None,
    }  # fmt: skip
    accounts = [{**account, "username": name, "name": name} for name in ("an", "binh")]
    with database.altering() as connection:
        tables = metadata.tables
        connection.execute(sa.insert(tables["user_account"]), accounts)
        units = [{**UNIT, "id": name, "name": name} for name in ("one", "two")]
        connection.execute(sa.insert(tables["unit"]), units)
        for row in accounts:
            name = row["username"]
            seal = earlier_seals.seal_of("user_account", row)
            details = {"seals": {f"user_account:{name}": seal}}
            line = AuditEntry(at=1.0, action="account_saved", object_id=name, details=details)
            add_log(connection, line)
    database.close()


def test_what_an_earlier_version_left_is_sealed_when_it_is_opened(
    archive_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _as_written_before(archive_url)
    assert _wrong(archive_url, tmp_path) == {}
    assert "4 rows sealed as they are; 0 were not as the log said" in caplog.text
    _alter(
        archive_url,
        "UPDATE unit SET name = 'x' WHERE id = 'one'",
        "DELETE FROM unit WHERE id = 'two'",
        "UPDATE user_account SET password_is_given = true WHERE username = 'an'",
    )
    assert set(_wrong(archive_url, tmp_path)) == {"unit:one", "unit:two", "user_account:an"}


def test_what_was_altered_before_an_upgrade_is_told_for_ever(
    archive_url: str, tmp_path: Path
) -> None:
    _as_written_before(archive_url)
    _alter(archive_url, "UPDATE user_account SET roles = '[\"admin\"]' WHERE username = 'an'")
    for _ in range(2):
        assert _wrong(archive_url, tmp_path) == {
            "user_account:an": "was not as the log said when the archive was migrated"
        }


def test_a_row_put_in_before_the_next_upgrade_is_told(
    archive_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(archive_url)
    archive.save_user(account_of("an", Role.OPERATOR))
    archive.close()
    _alter(
        archive_url,
        "INSERT INTO unit (id, name, kind, status, updated_at) VALUES ('x', 'x', 'e', 'free', 1)",
    )
    add_toy_migration(tmp_path, monkeypatch)
    assert set(_wrong(archive_url, tmp_path)) == {"unit:x"}


def test_an_archive_that_went_back_and_returns_agrees(archive_url: str, tmp_path: Path) -> None:
    """What the earlier program writes meanwhile is not sealed, and is nobody's fault."""
    archive = Archive(archive_url)
    take(archive, 1)
    archive.save_user(account_of("an", Role.OPERATOR))
    archive.close()
    database = Database(archive_url)
    database.downgrade("0005_alert_rule")  # before accounts knew of given passwords
    with database.altering() as connection:
        connection.execute(sa.insert(metadata.tables["unit"]), {**UNIT, "id": "x", "name": "x"})
    database.close()
    assert _wrong(archive_url, tmp_path) == {}
    opened = Archive(archive_url)
    with opened.database.reading() as connection:
        acts = metadata.tables["action_log"].c.action
        migrated = connection.execute(sa.select(acts).where(acts == MIGRATED)).all()
    opened.close()
    assert len(migrated) == 2
