"""What was raised and not cleared is known after a restart, and ended by the one who raised it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import decode
from thapcanh.alerts.queue.self_test_event import self_test_event
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import SystemKind, followed, system_event
from thapcanh.detection.event import Event, EventPhase


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    yield spool
    spool.close()


def offline(camera: str = "gate") -> Event:
    return system_event(
        SystemKind.CAMERA_OFFLINE, camera, "camera_offline", priority=3, reason="why", now=1e9
    )


def told(spool: Spool) -> list[tuple[str, EventPhase, str]]:
    events = [decode(entry).event for _, entry in spool.oldest(1000)]
    return [(event.event_id, event.phase, event.reason) for event in events]


def test_an_event_is_open_from_raised_to_cleared_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "spool.sqlite"
    first = Spool(path, "worker-1")
    raised = fake_event(1)
    first.append(raised, 1.0)
    first.append(fake_event(2), 2.0)
    first.append(fake_event(3, event_id="other", phase=EventPhase.RAISED), 3.0)
    first.append(fake_event(4, event_id="other", phase=EventPhase.CLEARED), 4.0)
    first.close()
    again = Spool(path, "worker-1")
    assert again.open_events() == [raised]
    again.append(followed(raised, EventPhase.CLEARED, "gone", 5.0), 5.0)
    assert again.open_events() == []
    again.close()


def test_a_film_and_a_self_test_open_nothing(spool: Spool) -> None:
    spool.append(fake_event(1), 1.0, evidence_only=True)
    spool.append(self_test_event("worker-1", 1.0), 1.0)
    assert spool.open_events() == []


def test_a_worker_that_starts_again_clears_what_it_saw_before(spool: Spool, tmp_path: Path) -> None:
    spool.append(fake_event(1), 1.0)
    spool.append(offline(), 1.0)
    recorder = EventRecorder(FolderStore(tmp_path / "evidence"), spool)
    recorder.start()
    assert recorder.end_open("worker_restarted") == 1
    recorder.stop()
    assert told(spool)[-1] == ("event-1", EventPhase.CLEARED, "worker_restarted")
    assert [event.kind for event in spool.open_events()] == ["camera_offline"]


def test_a_worker_that_stops_for_good_leaves_nothing_open(spool: Spool, tmp_path: Path) -> None:
    spool.append(offline(), 1.0)
    recorder = EventRecorder(FolderStore(tmp_path / "evidence"), spool)
    recorder.start()
    recorder.accept(fake_event(1), None, None)
    assert recorder.end_open("worker_stopped", system=True) == 2
    recorder.stop()
    assert spool.open_events() == []


def test_a_scene_that_is_rebuilt_ends_only_its_own_camera(spool: Spool, tmp_path: Path) -> None:
    recorder = EventRecorder(FolderStore(tmp_path / "evidence"), spool)
    recorder.accept(fake_event(1, event_id="a", camera_id="gate"), None, None)
    recorder.accept(fake_event(1, id="b1", event_id="b", camera_id="roof"), None, None)
    assert recorder.end_open("scene_rebuilt", "gate") == 1
    assert [event.camera_id for event in recorder.open_events()] == ["roof"]
    recorder.start()
    recorder.stop()
    assert [event.event_id for event in spool.open_events()] == ["b"]
