"""Alerts with evidence for retention's tests, and what deletes it."""

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.records import AlertFilter, CommandRequest
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.evidence.keeping.retention import EvidenceRetention, RetentionSettings
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import Actor, AlertAction, Role


def retention_of(
    archive: Archive, store: EvidenceStore, settings: RetentionSettings
) -> EvidenceRetention:
    return EvidenceRetention(RetentionRepository(archive.database), store, settings)


def alert_with_files(archive: Archive, store: FolderStore, seq: int) -> str:
    message = fake_message(seq, camera_id=f"camera-{seq}", event_id=f"event-{seq}", priority=2)
    ref = store.save(store.folder_of(message.event), "clip.mp4", EvidenceKind.CLIP, b"film" * 25)
    told = fake_message(seq, message.event, evidence=(ref,))
    archive.take_in(told, queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    wanted = AlertFilter(cameras=frozenset({f"camera-{seq}"}))
    return archive.alerts(wanted).items[0].id


def close(archive: Archive, alert_id: str, now: float) -> None:
    leader = Actor(username="le", name="Le", role=Role.LEADER)
    for number, action in enumerate(
        (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM, AlertAction.CLOSE), start=1
    ):
        order = CommandRequest(
            alert_id=alert_id,
            action=action,
            actor=leader,
            expected_version=number,
            idempotency_key=f"{alert_id}-{number}",
        )
        archive.command(order, now)
