"""The log's end is signed with a key outside of the database; what nobody signed is told on."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alerts.desk import take
from tests.alerts.evidence.test_consistency import account_of
from thapcanh.alerts.evidence.consistency import verify_everything
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.database import Database, sqlite_url
from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.log_tables import ledger
from thapcanh.alerts.store.roles import Role
from thapcanh.alerts.store.seals.log_signing import LogEnd, LogKey, drop_end


class SignedSite:
    """An archive whose log this machine signs."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.key_file = folder / "log.key"

    def opened(self) -> Archive:
        return Archive(self.url, log_key=LogKey(self.key_file))

    def works(self, number: int) -> None:
        archive = self.opened()
        take(archive, number, event_id=f"event-{number}")
        archive.close()

    def wrong(self) -> list[str]:
        archive = self.opened()
        try:
            found = verify_everything(archive.database, FolderStore(self.folder / "evidence"))
            assert found.chain.ok
            return [str(one) for one in found.disagreements]
        finally:
            archive.close()

    def forge(self) -> None:
        """Append an entry as who has the database only does: with a right hash."""
        database = Database(self.url)
        with database.altering() as connection:
            add_log(connection, AuditEntry(at=1.0, action="noted", object_id="x", details={}))
        database.close()


@pytest.fixture
def site(archive_url: str, tmp_path: Path) -> SignedSite:
    made = SignedSite(tmp_path, archive_url)
    made.works(1)
    return made


def test_each_opening_goes_on_from_the_signed_end(site: SignedSite) -> None:
    site.works(2)
    assert site.wrong() == []
    assert site.key_file.stat().st_mode & 0o077 == 0


def test_an_entry_that_nobody_signed_is_found_before_and_after_the_centre_goes_on(
    site: SignedSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.forge()
    (before,) = site.wrong()
    assert before.endswith("the log's end is not signed by this site's key")
    site.works(2)
    assert "somebody else wrote into the archive" in caplog.text
    for number in (3, 4):
        (after,) = site.wrong()
        assert "nobody with this site's key wrote what follows entry" in after
        site.works(number)


def test_a_log_that_was_put_back_is_found_although_its_end_was_signed(
    site: SignedSite, tmp_path: Path
) -> None:
    database = Database(site.url)
    with database.reading() as connection:
        old = connection.execute(sa.select(ledger)).one()._mapping
    database.close()
    site.works(2)
    database = Database(site.url)
    with database.altering() as connection:
        gone = sa.text("DELETE FROM action_log WHERE seq > :last")
        connection.execute(gone, {"last": old["log_seq"]})
        end = {name: old[name] for name in ("log_seq", "log_hash", "log_signature")}
        connection.execute(sa.update(ledger).values(end))
    database.close()
    assert any("is gone; this machine saw it signed" in one for one in site.wrong())
    site.works(3)
    assert any("nobody with this site's key" in one for one in site.wrong())


def test_a_restored_archive_goes_on_once_the_kept_end_is_dropped(site: SignedSite) -> None:
    key = LogKey(site.key_file)
    key.remember(LogEnd(seq=9999, hash="of a later archive"))
    assert site.wrong() != []
    drop_end(site.key_file)
    assert site.wrong() == []


def test_another_key_is_told(site: SignedSite) -> None:
    site.key_file.unlink()
    assert any("not signed by this site's key" in one for one in site.wrong())


def test_an_archive_from_before_is_signed_when_it_is_upgraded(
    archive_url: str, tmp_path: Path
) -> None:
    database = Database(archive_url)
    database.upgrade("0028_token_maker")
    database.close()
    made = SignedSite(tmp_path, archive_url)
    assert made.wrong() == []
    made.works(1)
    assert made.wrong() == []


def test_what_an_earlier_program_writes_in_between_is_told_as_not_signed(
    archive_url: str, tmp_path: Path
) -> None:
    made = SignedSite(tmp_path, archive_url)
    archive = made.opened()
    archive.save_user(account_of("an", Role.OPERATOR))
    archive.close()
    database = Database(archive_url)
    database.downgrade("0028_token_maker")
    database.close()
    made.forge()
    assert any("nobody with this site's key" in one for one in made.wrong())


@pytest.mark.parametrize("content", ["", "x", "eHh4eHh4", "\x00"])
def test_a_key_that_is_none_is_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.key"
    path.write_text(content, encoding="ascii")
    with pytest.raises(ArchiveRefused, match=str(path)):
        LogKey(path)


def test_a_key_is_not_made_by_who_may_not(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match="run this as the centre's user"):
        LogKey(tmp_path / "log.key", makes=False)
    assert not (tmp_path / "log.key").exists()


def test_without_a_key_nothing_is_signed(tmp_path: Path) -> None:
    archive = Archive(sqlite_url(tmp_path / "archive.sqlite"))
    take(archive, 1)
    with archive.database.reading() as connection:
        assert connection.execute(sa.select(ledger.c.log_signature)).scalar_one() is None
    archive.close()
