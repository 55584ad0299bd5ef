"""Going back to an earlier program and forward again, on an archive that is in use.

Whichever revision that program knows, every alert, its events, evidence and log are there as
before.
"""

import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer, postgres_binaries
from tests.alerts.desk import AN, LE, NOW, Desk, take
from tests.alerts.toy_migration import TOY, add_toy_migration
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.alert.records import EvidenceRecord, LogEntry, RecordPage
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.roles import EVERYTHING, Actor, AlertAction, Role
from thapcanh.alerts.store.schema_version import scripts

KEPT = ("alert", "event", "episode_event", "evidence", "alert_change", "producer")


@pytest.fixture
def used(archive_url: str) -> str:
    """The URL of an archive with alerts in several states, people, a shift and a token."""
    archive = Archive(archive_url)
    for seq in range(1, 5):
        film = EvidenceRef(
            kind=EvidenceKind.CLIP, path=f"2027/{seq}/clip.mp4", sha256="ab" * 32, bytes=seq
        )
        take(archive, seq, event_id=f"event-{seq}", zone_id=f"zone-{seq}", evidence=(film,))
    first, second, third, _ = (alert.id for alert in archive.alerts().items)
    _act(archive, first, AN, AlertAction.ACKNOWLEDGE)
    _act(archive, second, LE, AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM, AlertAction.CLOSE)
    _act(archive, third, LE, AlertAction.ACKNOWLEDGE, AlertAction.REJECT)
    _add_people(archive)
    archive.close()
    return archive_url


def _act(archive: Archive, alert_id: str, actor: Actor, *actions: AlertAction) -> None:
    desk = Desk(archive, alert_id)
    for action in actions:
        reason = "steam" if action is AlertAction.REJECT else None
        result = desk.do(action, actor, idempotency_key=f"{alert_id} {action}", reason=reason)
        assert result.outcome is CommandOutcome.DONE


def _add_people(archive: Archive) -> None:
    roles = frozenset({Role.OPERATOR})
    archive.save_user(
        User(username="an", name="an", roles=roles, locale="vi", password_hash="h", created_at=NOW)
    )
    archive.add_session("f" * 64, "an", "csrf", NOW, NOW + 1000)
    ShiftRepository(archive.database).take(AN, sound_heard=True, now=NOW)
    ApiTokenRepository(archive.database).add(
        ApiToken(
            id="t", name="cad", token_sha256="0" * 64, roles=roles, powers=frozenset({"read"}),
            scope=EVERYTHING, created_at=NOW, expires_at=NOW + 1000,
        )
    )  # fmt: skip


def _content(url: str) -> tuple[RecordPage, list[list[EvidenceRecord]], list[list[LogEntry]]]:
    """All that officers see of the alerts; the log's chain is unbroken."""
    archive = Archive(url)
    page = archive.alerts()
    evidence = [archive.evidence_of(alert.id) for alert in page.items]
    log = [archive.log_of(alert.id) for alert in page.items]
    assert archive.verify_chain().ok
    archive.close()
    return page, evidence, log


def _counts(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        counted = {
            table: connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
            for table in KEPT
        }
    return {table: int(count) for table, count in counted.items()}


def test_every_revision_back_and_forth_keeps_every_alert(
    used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a program that knows one migration more, back to each that is known, and forward."""
    before = _content(used)
    assert len(before[0].items) == 4
    assert all(before[1])
    add_toy_migration(tmp_path, monkeypatch)
    database = Database(used)
    database.upgrade()
    counts = _counts(database)
    toy, *earlier = [each.revision for each in scripts().walk_revisions()]
    assert toy == TOY
    for revision in earlier:
        database.downgrade(revision)
        assert _counts(database) == counts, f"rows were lost on the way back to {revision}"
        database.upgrade()
        assert _content(used) == before, f"alerts differ after {revision} and back"
    database.close()


def test_a_dump_of_a_living_postgresql_archive_comes_back(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    living, other = postgres.new_database(), postgres.new_database()
    archive = Archive(living)
    take(archive, 1)
    dump = tmp_path / "archive.dump"
    _run("pg_dump", "--format=custom", f"--file={dump}", living)
    before = _content(living)
    take(archive, 2)  # what comes after the dump is not in it
    archive.close()
    _run("pg_restore", "--no-owner", f"--dbname={other}", str(dump))
    assert _content(other) == before


def _run(program: str, *words: str) -> None:
    binaries = postgres_binaries()
    assert binaries is not None
    subprocess.run([str(binaries / program), *words], check=True)
