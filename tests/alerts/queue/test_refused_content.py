"""What a right sender may not say, and what goes on of a camera that was taken out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.centre import Centre
from tests.alerts.queue.checking import check, checked
from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.workers.worker_keys import SignedTransport, Signer, WorkerKeys
from thapcanh.alerts.store.errors import ContentRefused
from thapcanh.detection.event import EventPhase

Until = Callable[..., None]


def test_a_camera_that_was_removed_while_it_is_offline_ends_its_alarm() -> None:
    """`worker-0 does not speak for …`: the alarm of such a camera never ended."""
    facts: dict[str, Any] = {"camera_id": "gone", "kind": "camera_offline", "rule_id": "offline"}
    raised = check(is_camera=lambda _: True)
    checked(fake_message(1, **facts), raised)
    assert checked(fake_message(2, **facts, phase=EventPhase.CLEARED), raised)
    ended = fake_message(2, **facts, phase=EventPhase.CLEARED)
    assert checked(ended) is ended, "also of an event that is long out of memory"


@pytest.mark.parametrize("kind", ["camera_offline", "fire"])
def test_what_was_raised_of_a_camera_goes_on_while_its_worker_still_has_it(kind: str) -> None:
    there = [True]
    judge = check(is_camera=lambda _: there[0])
    checked(fake_message(1, camera_id="gone", kind=kind), judge)
    there[0] = False
    assert checked(fake_message(2, camera_id="gone", kind=kind), judge)
    with pytest.raises(ContentRefused):
        checked(fake_message(2, camera_id="gone", kind=kind, event_id="new"), judge)


def test_a_self_test_of_another_worker_is_refused_in_every_phase() -> None:
    for phase in EventPhase:
        with pytest.raises(ContentRefused, match="does not speak for 'worker-2'"):
            checked(fake_message(1, kind="self_test", camera_id="worker-2", phase=phase))


def test_what_the_centre_refuses_itself_is_no_event_that_is_missing(
    queue: EventQueue, sqlite_archive: Archive, until: Until, tmp_path: Path
) -> None:
    keys = WorkerKeys(tmp_path)
    outlet = SignedTransport(queue, Signer(keys.enrol("worker-1", 0.0)))
    outlet.add_all([encode(fake_message(1))])
    outlet.add_all([encode(fake_message(2, event_id="other", camera_id="nowhere"))])
    outlet.add_all([encode(fake_message(3))])
    queue.add(encode(fake_message(5)))  # in its name, and not signed: that number says nothing
    outlet.add_all([encode(fake_message(6))])
    with Centre(queue, sqlite_archive, check=check(keys, sqlite_archive)) as centre:
        until(lambda: centre.detections() == 3)
        until(lambda: len(queue.dead()) == 2)
    (gap,) = sqlite_archive.gaps(4e9)
    assert (gap.first_seq, gap.last_seq) == (4, 5)
