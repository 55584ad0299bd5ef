"""What tests of the intake share: a camera's facts, and messages that arrive."""

from tests.alerts.queue.fake_events import FIRST_AT
from thapcanh.alerts.alert.records import Alert, CameraFacts, IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message

NOW = FIRST_AT + 100


GATE = CameraFacts(
    name="Cổng chính", place="12 Hàng Bài", area="cua-nam", agency="pc07", lat=21.02, lon=105.85
)


def take(archive: Archive, message: Message, now: float = NOW) -> IngestResult:
    return archive.take_in(message, queued_at=now - 0.1, now=now, camera=lambda _: GATE)


def take_all(archive: Archive, *messages: Message) -> list[IngestResult]:
    return [take(archive, message, NOW + number) for number, message in enumerate(messages)]


def only_alert(archive: Archive) -> Alert:
    (alert,) = archive.alerts().items
    return alert
