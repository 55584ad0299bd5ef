"""`verify --everything`: each alteration of the archive or the files is found and named."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from tests.alerts.desk import AN, LE, NOW, Desk, take
from tests.alerts.queue.fake_events import fake_event, fake_message
from tests.made_archives import archive_at
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.evidence.consistency import EXTRA, Everything, verify_everything
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.shifts.shift_records import HandoverOffer
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.roles import AlertAction, DataFilter, Role


class Site:
    """A small archive with one of everything that is sealed, and its evidence."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "archive.sqlite"
        self.archive = archive_at(self.file)
        self.store = FolderStore(folder / "evidence")

    def fill(self) -> None:
        archive = self.archive
        refs = (
            self.store.save("case", "snapshot.jpg", EvidenceKind.SNAPSHOT, b"picture"),
            self.store.save("case", "clip.mp4", EvidenceKind.CLIP, b"film"),
        )
        take(archive, 1, evidence=refs)
        archive.save_user(account_of("an", Role.OPERATOR))
        archive.save_user(account_of("le", Role.LEADER))
        (alert,) = archive.alerts().items
        desk = Desk(archive, alert.id)
        desk.do(AlertAction.ACKNOWLEDGE)
        desk.do(AlertAction.CONFIRM)
        LegalHoldRepository(archive.database).place(alert.id, "trial", LE, NOW)
        shifts = ShiftRepository(archive.database)
        shifts.take(AN, True, NOW)
        shifts.offer(AN, HandoverOffer(to_username=None, note="x", facts={}), NOW)
        ApiTokenRepository(archive.database).add(_token())

    def sql(self, text: str) -> None:
        with closing(connect(self.file)) as database:
            database.execute("PRAGMA foreign_keys = OFF")
            assert database.execute(text).rowcount > 0, text
            database.commit()

    def verified(self) -> Everything:
        return verify_everything(self.archive.database, self.store)


def account_of(name: str, role: Role) -> User:
    return User(
        username=name, name=name, roles=frozenset({role}), locale="vi", password_hash="h",
        scope=DataFilter(agencies=frozenset({"pc07"})), created_at=1.0,
    )  # fmt: skip


def _token() -> ApiToken:
    return ApiToken(
        id="t1", name="board", token_sha256="0" * 64, roles=frozenset({Role.VIEWER}),
        powers=frozenset({"read"}), scope=DataFilter(), created_at=NOW, expires_at=NOW + 1e6,
        revoked_at=None, used_at=None,
    )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    made.fill()
    yield made
    made.archive.close()


def _sql(text: str) -> Callable[[Site], None]:
    return lambda site: site.sql(text)


def _file(name: str, content: bytes | None) -> Callable[[Site], None]:
    def alter(site: Site) -> None:
        path = site.store.path(f"case/{name}")
        path.unlink() if content is None else path.write_bytes(content)

    return alter


_OTHER_SEAL = (
    f"UPDATE evidence SET sha256 = '{hashlib.sha256(b'other').hexdigest()}'"  # noqa: S608
    " WHERE path = 'case/clip.mp4'"
)
ALTERATIONS: list[tuple[Callable[[Site], None], str]] = [
    (_sql("UPDATE alert SET verdict = 'rejected'"), "alert:"),
    (_sql("UPDATE alert SET verdict_by = 'chi'"), "alert:"),
    (_sql("UPDATE alert SET verdict_at = verdict_at + 60"), "alert:"),
    (_sql("UPDATE alert SET owner = 'chi'"), "alert:"),
    (_sql("UPDATE alert SET state = 'closed'"), "alert:"),
    (_sql("UPDATE alert SET priority = 3"), "alert:"),
    (_sql("UPDATE alert SET kind = 'smoke'"), "alert:"),
    (_sql("UPDATE alert SET agency = 'csgt'"), "alert:"),
    (_sql("UPDATE alert SET camera_id = 'elsewhere'"), "alert:"),
    (_sql("UPDATE alert SET raised_at = raised_at - 600"), "alert:"),
    (_sql("UPDATE alert SET acknowledged_at = acknowledged_at - 60"), "alert:"),
    (_sql("UPDATE alert SET exercise = 1"), "alert:"),
    (_sql("DELETE FROM alert"), "alert:"),
    (_sql("UPDATE event SET confidence = 0.1"), "event:"),
    (_sql("DELETE FROM event"), "event:"),
    (
        _sql("""UPDATE user_account SET roles = '["admin"]' WHERE username = 'an'"""),
        "user_account:an",
    ),
    (_sql("UPDATE user_account SET agencies = NULL WHERE username = 'an'"), "user_account:an"),
    (_sql("UPDATE user_account SET password_hash = 'x' WHERE username = 'an'"), "user_account:an"),
    (_sql("UPDATE user_account SET disabled = 1 WHERE username = 'an'"), "user_account:an"),
    (_sql("DELETE FROM user_account WHERE username = 'an'"), "user_account:an"),
    (_sql("""UPDATE api_token SET powers = '["answer"]'"""), "api_token:t1"),
    (_sql("UPDATE api_token SET expires_at = 9e9"), "api_token:t1"),
    (_sql("UPDATE shift SET taken_at = taken_at - 3600"), "shift:"),
    (_sql("DELETE FROM shift"), "shift:"),
    (_sql("UPDATE handover SET note = 'y'"), "handover:"),
    (_sql("DELETE FROM hold"), "hold:"),
    (_sql("UPDATE incident SET opened_at = opened_at - 60"), "incident:"),
    (_sql("DELETE FROM incident_member"), "incident_member:"),
    (_sql(_OTHER_SEAL), "clip.mp4"),
    (_sql("DELETE FROM evidence WHERE path = 'case/clip.mp4'"), "clip.mp4"),
    (_sql("UPDATE evidence SET deleted_at = 1.0 WHERE path = 'case/clip.mp4'"), "clip.mp4"),
    (_file("clip.mp4", b"other"), "clip.mp4"),
    (_file("snapshot.jpg", None), "snapshot.jpg"),
]


def test_everything_as_it_was_agrees_with_the_log(site: Site) -> None:
    found = site.verified()
    assert found.ok, found.disagreements
    assert (found.rows, found.files) == (15, 2)


@pytest.mark.parametrize(("alter", "named"), ALTERATIONS)
def test_each_alteration_is_found_and_named(
    site: Site, alter: Callable[[Site], None], named: str
) -> None:
    alter(site)
    found = site.verified()
    assert found.chain.ok
    assert not found.ok
    assert any(named in one.what for one in found.disagreements), found.disagreements


def test_a_file_altered_together_with_its_row_is_found_by_the_log(site: Site) -> None:
    _file("clip.mp4", b"other")(site)
    site.sql(_OTHER_SEAL)
    hows = {one.how for one in site.verified().disagreements}
    assert hows == {
        "is not as the log says",
        "the row's seal is not that of the log",
        "the file was changed",
    }


def test_who_sealed_a_file_in_the_folder_of_anothers_event_is_named(site: Site) -> None:
    """As the archive took it from a stranger before folders were compared with events."""
    clip = site.store.save("2027/01/15/gate/event-1", "x.mp4", EvidenceKind.CLIP, b"lie")
    event = fake_event(1, id="lie", event_id="event-9", camera_id="yard")
    lie = fake_message(1, event, source="stranger", evidence=(clip,))
    site.archive.take_in(lie, queued_at=NOW, now=NOW, camera=lambda _: None)
    (found,) = site.verified().disagreements
    assert str(found) == (
        "evidence 2027/01/15/gate/event-1/x.mp4, sealed by stranger:"
        " is of event event-9, and in the folder of another one"
    )


def test_a_row_put_in_beside_the_log_is_named(site: Site) -> None:
    site.sql(
        "INSERT INTO user_account (username, name, roles, locale, password_hash, disabled,"
        " created_at) VALUES ('mallory', 'M', '[\"admin\"]', 'vi', 'x', 0, 1.0)"
    )
    (found,) = site.verified().disagreements
    assert (found.what, found.how) == (
        "user_account:mallory",
        "is in the archive and not in the log",
    )


@pytest.mark.parametrize("name", ["2026/more.jpg", "case/.hidden", "case/snapshot.jpg.bak"])
def test_a_file_put_beside_the_evidence_is_named(site: Site, name: str) -> None:
    path = site.store.path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    (found,) = site.verified().disagreements
    assert (found.what, found.how) == (
        f"evidence {name}",
        EXTRA,
    )


def test_the_stores_own_files_and_drafts_are_no_evidence(site: Site) -> None:
    site.store.give_id("a" * 32)
    site.store.path("case/.more.jpg.part").write_bytes(b"half")
    assert site.verified().ok


def test_what_happens_by_the_rules_never_disagrees(site: Site, tmp_path: Path) -> None:
    archive = site.archive
    (alert,) = archive.alerts().items
    desk = Desk(archive, alert.id)
    take(archive, 2)
    take(archive, 3, priority=1, confidence=0.99)
    archive.mark_rendered(alert.id, NOW + 5)
    desk.do(AlertAction.CLOSE, idempotency_key="another")
    LegalHoldRepository(archive.database).release(alert.id, "over", LE, NOW + 9)
    ApiTokenRepository(archive.database).revoke("t1", NOW + 9)
    take(archive, 4, event_id="event-2", id="other")
    archive.expire_leases(NOW + 1e6)
    found: Any = site.verified()
    assert found.ok, found.disagreements
