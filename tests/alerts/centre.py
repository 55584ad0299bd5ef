"""What tests of the consumer share: a centre that takes entries, and what it told."""

from typing import Any

from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.alert.records import CameraFacts, IngestResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer, ConsumerSettings
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.ingest.backoff import Backoff

QUICK = Backoff(first_s=0.01, longest_s=0.05)


SETTINGS = ConsumerSettings(sweep_every_s=0.1, claim_idle_s=0.05)


def facts(_: str) -> CameraFacts:
    return CameraFacts(name="Cổng", agency="pc07")


class Centre:
    """A consumer on an archive, with what it told."""

    def __init__(self, queue: EventQueue, archive: Archive, **changes: Any) -> None:
        self.told: list[IngestResult] = []
        self.archive = archive
        options: dict[str, Any] = {"settings": SETTINGS, "backoff": QUICK, **changes}
        self.consumer = Consumer(queue, archive, facts, notify=self.told.extend, **options)

    def __enter__(self) -> "Centre":
        self.consumer.start()
        self.consumer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.consumer.stop()
        self.consumer.stop()

    def detections(self) -> int:
        return sum(alert.detections for alert in self.archive.alerts().items)


def send(queue: EventQueue, *seqs: int) -> list[str]:
    return [queue.add(encode(fake_message(seq))) for seq in seqs]
