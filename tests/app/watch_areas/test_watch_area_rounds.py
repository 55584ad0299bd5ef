"""The centre's part in temporary watch areas: the log of begin and end, and what is kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.alerts.desk import LE, Desk
from tests.alerts.evidence.retention_cases import retention_of
from tests.alerts.queue.fake_events import fake_message
from tests.made_archives import archive_at
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.alerts.evidence.keeping.retention import RetentionSettings
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.registry.records import WATCH_AREAS, Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import EVERYTHING, AlertAction
from thapcanh.app.watch_areas.watch_area_tasks import (
    ENDED,
    RECORDING_DELETED,
    STARTED,
    WatchAreaTask,
)
from thapcanh.config.site import RegistryConfig, Site
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.index import RecordingIndex
from thapcanh.ingest.recording.period_retention import delete_due, periods_of

DAY = 86_400.0
BEGINS, ENDS = 1_800_000_000.0, 1_800_000_000.0 + DAY
AREA = "watch-0123456789ab"
SITE = Site(registry=RegistryConfig(source="database"))


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


class Centre:
    """An archive with one approved area, and the rounds of a centre whose clock is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = BEGINS - 10
        self.site = SITE
        self.archive = archive_at(folder / "archive.sqlite")
        self.store = FolderStore(folder / "evidence")
        self.rounds = self.started()
        document = {
            "id": AREA, "name": "Khách sạn cách ly", "purpose": "cách ly", "legal_basis": "QĐ 1",
            "cameras": ["a"], "rules": [{"kind": "crowd"}], "retention_days": 3,
            "starts_at": iso(BEGINS), "ends_at": iso(ENDS), "state": "approved",
            "proposed_by": "an", "proposed_at": iso(BEGINS - 60),
            "decided_by": "binh", "decided_at": iso(BEGINS - 50), "record": True,
        }  # fmt: skip
        write = EntryWrite(kind=WATCH_AREAS, id=AREA, expected=0, document=document)
        author = Author(username="binh", role="leader", at=BEGINS - 50)
        RegistryRepository(self.archive.database).write([write], author, EVERYTHING)

    def started(self) -> WatchAreaTask:
        return WatchAreaTask(self.archive.database, lambda: self.site, lambda: self.now)

    def log(self) -> list[tuple[str, float]]:
        query = sa.select(action_log.c.action, action_log.c.at).where(
            action_log.c.object_id == f"{WATCH_AREAS}/{AREA}"
        )
        with self.archive.database.reading() as connection:
            return [(row.action, row.at) for row in connection.execute(query)]

    def closed_case(self, seq: int, *rules: str) -> str:
        """A closed alert with a clip; its event is seen by each of these rules."""
        event = fake_message(
            seq, id=f"m{seq}", camera_id=f"camera-{seq}", event_id=f"event-{seq}",
            rule_id=rules[0], priority=2, captured_at=BEGINS,
        ).event  # fmt: skip
        clip = self.store.save(
            self.store.folder_of(event), "clip.mp4", EvidenceKind.CLIP, b"film" * 25
        )
        told = fake_message(seq, event, evidence=(clip,))
        taken = self.archive.take_in(told, queued_at=BEGINS, now=BEGINS, camera=lambda _: None)
        for number, rule in enumerate(rules[1:], start=100 * seq):
            again = fake_message(
                number, id=f"m{number}", camera_id=f"camera-{seq}", event_id=f"event-{number}",
                rule_id=rule, priority=2, captured_at=BEGINS + 1,
            )  # fmt: skip
            self.archive.take_in(again, queued_at=BEGINS, now=BEGINS, camera=lambda _: None)
        assert taken.alert_id is not None
        desk = Desk(self.archive, taken.alert_id)
        for action in (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM, AlertAction.CLOSE):
            desk.do(action, LE, BEGINS + 2, idempotency_key=f"{action}{seq}")
        return taken.alert_id

    def delete_due(self, now: float, **limits: int) -> int:
        settings = RetentionSettings(
            **{"min_free_bytes": 0, **limits}, own=tuple(self.rounds.retentions())
        )
        return retention_of(self.archive, self.store, settings).run(now).deleted

    def there(self, alert_id: str) -> bool:
        return all(file.deleted_at is None for file in self.archive.evidence_of(alert_id))


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    centre = Centre(tmp_path)
    yield centre
    centre.archive.close()


def test_its_begin_and_end_are_written_down_once(centre: Centre) -> None:
    centre.rounds.round()
    assert centre.log()[1:] == []  # the approval alone
    centre.now = BEGINS
    centre.rounds.round()
    centre.rounds.round()
    assert centre.log()[1:] == [(STARTED, BEGINS)]
    centre.now = ENDS + 5 * DAY  # the centre was down
    centre.started().round()
    centre.started().round()
    assert centre.log()[1:] == [(STARTED, BEGINS), (ENDED, ENDS + 5 * DAY)]
    assert centre.archive.verify_chain().ok


def test_what_its_rules_raised_goes_by_its_own_retention_after_the_end(centre: Centre) -> None:
    own, other = centre.closed_case(1, f"{AREA}.1"), centre.closed_case(2, "crowd")
    for days in range(5):
        now = ENDS + days * DAY
        deleted = centre.delete_due(now)
        assert deleted == (1 if days == 3 else 0), days
    assert (centre.there(own), centre.there(other)) == (False, True)


def test_neither_a_running_area_nor_a_clock_that_jumped_deletes_anything(centre: Centre) -> None:
    own = centre.closed_case(1, f"{AREA}.1")
    assert centre.delete_due(ENDS - 1) == 0
    assert centre.delete_due(ENDS + 1000 * DAY) == 0  # no day was lived since
    assert centre.there(own)
    assert centre.delete_due(ENDS, budget_bytes=0) == 1  # room is made of it as of any other
    assert not centre.there(own)


def test_what_is_held_stays_after_its_time(centre: Centre) -> None:
    held = centre.closed_case(1, f"{AREA}.1")
    LegalHoldRepository(centre.archive.database).place(held, "Vụ án 1", LE, BEGINS + 9)
    assert sum(centre.delete_due(ENDS + days * DAY) for days in range(6)) == 0
    assert centre.there(held)


def test_what_another_rule_saw_too_is_kept_as_all_others_are(centre: Centre) -> None:
    shared = centre.closed_case(1, f"{AREA}.1", "fire")
    assert sum(centre.delete_due(ENDS + days * DAY) for days in range(6)) == 0
    assert centre.there(shared)


def test_its_film_is_kept_by_its_days_spares_open_cases_and_what_went_is_written_down(
    centre: Centre, tmp_path: Path
) -> None:
    recordings = tmp_path / "recordings"
    centre.site = SITE.model_copy(update={"recording": RecordingConfig(dir=recordings)})
    centre.rounds.round()
    recordings.mkdir()
    centre.rounds.round()
    assert periods_of(recordings) == []  # it has not begun
    seen = fake_message(
        9, id="m9", camera_id="a", event_id="e9", priority=2, captured_at=BEGINS + 100
    )
    taken = centre.archive.take_in(
        seen, queued_at=BEGINS + 101, now=BEGINS + 101, camera=lambda _: None
    )
    assert taken.alert_id is not None
    centre.now = ENDS + DAY
    centre.rounds.round()
    (told,) = periods_of(recordings)
    assert (told.cameras, told.from_s, told.to_s, told.days) == (("a",), BEGINS, ENDS, 3)
    assert told.told_at_s == centre.now
    ((camera, from_s, to_s),) = told.spared
    assert camera == "a"
    assert from_s < BEGINS + 100 < to_s
    desk = Desk(centre.archive, taken.alert_id)
    for action in (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM, AlertAction.CLOSE):
        desk.do(action, LE, ENDS, idempotency_key=f"{action}9")
    centre.now += 60
    centre.rounds.round()
    (told,) = periods_of(recordings)
    assert told.spared == ()
    centre.now = ENDS + 3 * DAY
    index, fresh = RecordingIndex(recordings), replace(told, told_at_s=centre.now)
    delete_due(recordings, index, [fresh], [], centre.now)
    index.close()
    for _ in range(2):
        centre.rounds.round()
    assert [action for action, _ in centre.log()].count(RECORDING_DELETED) == 1


def test_film_of_each_camera_that_an_open_case_joins_is_spared(centre: Centre) -> None:
    joined = fake_message(
        9, id="m9", camera_id="a", event_id="e9", priority=2, captured_at=BEGINS + 100
    )
    centre.archive.take_in(joined, queued_at=BEGINS, now=BEGINS, camera=lambda _: None)
    with centre.archive.database.writing() as connection:  # another camera saw it first
        connection.execute(sa.update(alert).values(camera_id="elsewhere"))
    kept = RetentionRepository(centre.archive.database).retained_moments(("a",), BEGINS, ENDS)
    assert [camera for camera, _, _ in kept] == ["a"]
