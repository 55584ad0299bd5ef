"""The way of one event, walked: from a camera's packet to the text that screens get.

Every step is the product's own, on one thread, over a real queue and archive. While it is walked,
each record that the product makes and that carries what is seen is noted. These are the forms of
an event, and `docs/architecture.md` lists them all: another one fails here.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from pydantic import BaseModel

from tests.alerts.conftest import QueueServer, queue_binaries
from tests.detection.rule_film import AFTERNOON, RuleFilm, person
from tests.ingest.fake_source import synthetic_packets
from tests.made_archives import archive_at
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.app.stream.change_source import ArchiveChanges
from thapcanh.app.stream.sse_client import ChangeMessage
from thapcanh.app.web_api.people import People
from thapcanh.detection.detections import detections_of
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.rules.registry import registry
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.decoding.decoder import Decoder

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
ROOMS = ("thapcanh.ingest.", "thapcanh.detection.", "thapcanh.alerts.", "thapcanh.app.")
MOST = 18
BESIDE: Mapping[str, str] = {  # records that hold one, and are no step of the way
    "EventEpisode": "the rule's memory of what it told",
    "_Ticket": "items that wait together for the disk",
    "EpisodeEventRow": "which alert an event belongs to",
    "IngestResult": "what the archive answers to the consumer",
    "ChangeRecord": "the change in the alert's own log",
    "AuditEntry": "the change in the action log",
    "AlertChanges": "a page",
    "ChangePage": "a page",
}


def _listed() -> dict[str, str]:
    """The forms of the page and their files, in its order."""
    table = PAGE.read_text(encoding="utf-8").split("| form | file |")[1].split("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| `([\w/.]+)` \|", table, re.MULTILINE))


class Notes:
    """The records that the product made meanwhile, by class, in the order of the first of each."""

    def __init__(self) -> None:
        self.first: dict[type, Any] = {}

    def look(self, frame: FrameType, happened: str, _: object) -> None:
        if happened != "return" or frame.f_code.co_name != "__init__":
            return
        one = frame.f_locals.get("self")
        is_record = is_dataclass(one) or isinstance(one, BaseModel)
        if is_record and type(one).__module__.startswith(ROOMS):
            self.first.setdefault(type(one), one)

    def carriers(self, forms: Mapping[str, str], names: set[str]) -> dict[str, type]:
        """Those that hold a form, or tell of the event by one of its names."""
        return {
            kind.__name__: kind
            for kind, one in self.first.items()
            if kind.__name__ in forms or any(_tells(held, forms, names) for held in _held(one))
        }


def _held(one: Any) -> Iterator[Any]:
    names = [each.name for each in fields(one)] if is_dataclass(one) else type(one).model_fields
    for name in names:
        value = getattr(one, name)
        yield from value if isinstance(value, tuple | list) else (value,)


def _tells(value: Any, forms: Mapping[str, str], names: set[str]) -> bool:
    return type(value).__name__ in forms or (isinstance(value, str) and value in names)


@contextmanager
def _noted() -> Iterator[Notes]:
    notes = Notes()
    before = sys.getprofile()
    sys.setprofile(notes.look)
    try:
        yield notes
    finally:
        sys.setprofile(before)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[EventQueue]:
    server = QueueServer(next(iter(queue_binaries().values())), tmp_path / "queue")
    server.start()
    with closing(EventQueue(server.url)) as queue:
        yield queue
    server.stop()


def _raised() -> Event:
    """Somebody stays in the yard, in the pictures of a camera's packets."""
    rule = (
        registry()
        .kinds["loitering"]
        .settings.model_validate({"id": "stays", "zone": "yard", "max_s": 1.0})
    )
    scene = RuleFilm(rule).scene
    decoder = Decoder("gate", lambda at_s: AFTERNOON + at_s)
    for packet in synthetic_packets(40, fps=10):
        for frame in decoder.decode(packet, now=AFTERNOON):
            for event in scene.observe(frame, detections_of(frame, [person()])):
                if event.phase is EventPhase.RAISED:
                    return event
    raise AssertionError("nothing was raised")


def _stored(event: Event, queue: EventQueue, archive: Archive, spool: Spool) -> None:
    """From the recorder to the archive, as the worker's and the centre's threads do it."""
    facts = CameraFacts(name="Cổng", place="1 Hàng Bài", area=None, agency=None, lat=None, lon=None)
    spool.append_all([OutboxItem(event=event)], AFTERNOON)
    queue.add_all([entry for _, entry in spool.oldest()])
    consumer = Consumer(queue, archive, lambda _: facts)
    while consumer.stats().stored == 0:
        consumer.turn()


def _reported(archive: Archive) -> ChangeMessage:
    clock = SystemClock()
    changes = ArchiveChanges(archive, People(archive.users, clock), clock, StageTimes())
    return changes.told_after(0, 10).items[0]


def test_an_event_takes_the_forms_that_the_page_lists_and_no_other(
    queue: EventQueue, tmp_path: Path
) -> None:
    forms = _listed()
    with (
        closing(archive_at(tmp_path / "archive.sqlite")) as archive,
        closing(Spool(tmp_path / "spool.sqlite", "worker-0")) as spool,
        _noted() as notes,
    ):
        event = _raised()
        _stored(event, queue, archive, spool)
        told = _reported(archive)
    (alert,) = [one for kind, one in notes.first.items() if kind.__name__ == "Alert"]
    assert told.alert_id == alert.id
    assert f'"number":"{alert.number}"'.encode() in told.message
    found = notes.carriers(forms, {event.id, event.event_id, alert.id, alert.number})
    assert set(found) - set(BESIDE) == set(forms)
    assert set(BESIDE) <= set(found), "no record any more"
    stand_in = {name: found[name].__module__.removeprefix("thapcanh.") for name in forms}
    assert {name: module.replace(".", "/") + ".py" for name, module in stand_in.items()} == forms
    assert len(forms) <= MOST
